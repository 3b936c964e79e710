//! The `ranform` command.

fn main() {}
