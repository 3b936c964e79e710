//! Orchestration: which model serves which request, and where it runs.
