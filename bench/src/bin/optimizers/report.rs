//! What comes out: Markdown tables and figures, on stdout and as files that the book includes.

use std::fmt::Write;
use std::path::Path;

use crate::plot::Chart;

/// A table.
pub struct Table {
    /// The names of its columns.
    pub head: Vec<String>,
    /// Its rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|{}\n", "---|".repeat(self.head.len()));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        line(&self.head) + &rule + &rows
    }
}

/// Tables and pictures that belong together.
pub struct Figure {
    /// The name of its files.
    pub id: &'static str,
    /// What it shows, with the figure of the paper.
    pub title: String,
    /// What the paper says, what ours is, what had to be filled in: a paragraph each.
    pub text: Vec<String>,
    /// The numbers.
    pub tables: Vec<Table>,
    /// The pictures; files `ID.svg`, `ID-2.svg` and so on.
    pub charts: Vec<Chart>,
}

impl Figure {
    /// Prints the figure and writes it into `folder`: the pictures, and a Markdown text that shows them.
    pub fn publish(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut text = format!("## {}\n\n", self.title);
        for paragraph in &self.text {
            let _ = writeln!(text, "{paragraph}\n");
        }
        for table in &self.tables {
            let _ = writeln!(text, "{}", table.markdown());
        }
        print!("\n{text}");
        for (at, chart) in self.charts.iter().enumerate() {
            let name = if at == 0 { format!("{}.svg", self.id) } else { format!("{}-{}.svg", self.id, at + 1) };
            std::fs::write(folder.join(&name), chart.svg())?;
            println!("picture: {}", folder.join(&name).display());
            let _ = writeln!(text, "![{}](figures/{name})\n", chart.title);
        }
        std::fs::write(folder.join(format!("{}.md", self.id)), text.trim_end().to_owned() + "\n")
    }
}
