//! A chart as SVG: axes with units, a grid, a legend; readable in black and white by its markers.

use std::fmt::Write;

use super::scale::Scale;
use super::{Bars, Chart, Line, Marks};

const WIDTH: f64 = 780.0;
const HEIGHT: f64 = 430.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 560.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 368.0;
/// Colours that colour-blind readers tell apart (Okabe and Ito).
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// The whole picture.
pub fn draw(chart: &Chart) -> String {
    let mut picture = Picture(String::new());
    picture.open(&chart.title);
    match &chart.marks {
        Marks::Lines(lines) => lines_chart(&mut picture, chart, lines),
        Marks::Bars(bars) => bars_chart(&mut picture, chart, bars),
    }
    picture.text(((LEFT + RIGHT) / 2.0, HEIGHT - 14.0), "middle", "", &chart.x.label);
    let turned = format!("transform=\"rotate(-90 18 {})\"", (TOP + BOTTOM) / 2.0);
    picture.text((18.0, (TOP + BOTTOM) / 2.0), "middle", &turned, &chart.y.label);
    picture.0.push_str("</svg>\n");
    picture.0
}

struct Picture(String);

impl Picture {
    fn open(&mut self, title: &str) {
        let _ = writeln!(
            self.0,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
             height=\"{HEIGHT}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" role=\"img\">\n\
             <title>{0}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            escaped(title)
        );
        self.text((LEFT, 26.0), "start", "font-size=\"15\" font-weight=\"bold\"", title);
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: &str, more: &str, text: &str) {
        let text = escaped(text);
        let _ = writeln!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#222222\" {more}>{text}</text>"
        );
    }

    fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), style: &str) {
        let _ = writeln!(self.0, "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {style}/>");
    }

    fn bar(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), at: usize, hollow: bool) {
        let colour = colour(at);
        let fill = if hollow { "#ffffff" } else { colour };
        let dash = if hollow { " stroke-dasharray=\"4 2\"" } else { "" };
        let _ = writeln!(
            self.0,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\" stroke=\"{colour}\"{dash}/>"
        );
    }

    /// A marker of its own shape per series.
    fn marker(&mut self, (x, y): (f64, f64), at: usize) {
        let colour = colour(at);
        let path = match at % 5 {
            0 => format!("M{:.1} {y:.1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", x - 4.0),
            1 => format!("M{:.1} {:.1}h7v7h-7z", x - 3.5, y - 3.5),
            2 => format!("M{x:.1} {:.1}l4.5 8h-9z", y - 5.0),
            3 => format!("M{x:.1} {:.1}l5 5l-5 5l-5 -5z", y - 5.0),
            _ => format!("M{:.1} {:.1}l8 8m0 -8l-8 8", x - 4.0, y - 4.0),
        };
        let fill = if at % 5 == 4 { "none" } else { colour };
        let _ = writeln!(self.0, "<path d=\"{path}\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
    }

    fn vertical_axis(&mut self, scale: &Scale<'_>) {
        for (value, label) in scale.ticks() {
            let y = scale.at(value);
            self.line((LEFT, y), (RIGHT, y), "stroke=\"#dddddd\"");
            self.text((LEFT - 8.0, y + 4.5), "end", "", &label);
        }
        self.frame();
    }

    fn frame(&mut self) {
        self.line((LEFT, TOP), (LEFT, BOTTOM), "stroke=\"#222222\"");
        self.line((LEFT, BOTTOM), (RIGHT, BOTTOM), "stroke=\"#222222\"");
    }

    fn legend_name(&mut self, row: usize, name: &str) -> f64 {
        let y = TOP + 10.0 + 22.0 * row as f64;
        self.text((RIGHT + 46.0, y + 4.5), "start", "font-size=\"12\"", name);
        y
    }
}

fn colour(at: usize) -> &'static str {
    COLOURS[at % COLOURS.len()]
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn lines_chart(picture: &mut Picture, chart: &Chart, lines: &[Line]) {
    let all = || lines.iter().flat_map(|line| &line.points);
    let x = Scale::new(&chart.x, extent(all().map(|point| point.0)), LEFT + 8.0, RIGHT - 8.0);
    let y = Scale::new(&chart.y, extent(all().map(|point| point.1)), BOTTOM, TOP);
    picture.vertical_axis(&y);
    for (value, label) in x.ticks() {
        let at = x.at(value);
        picture.line((at, BOTTOM), (at, BOTTOM + 5.0), "stroke=\"#222222\"");
        picture.text((at, BOTTOM + 19.0), "middle", "font-size=\"12\"", &label);
    }
    for (at, line) in lines.iter().enumerate() {
        let style = stroke(at, line.from_paper);
        let points: Vec<(f64, f64)> = line.points.iter().map(|(h, v)| (x.at(*h), y.at(*v))).collect();
        let text: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(picture.0, "<polyline points=\"{}\" fill=\"none\" {style}/>", text.join(" "));
        points.iter().for_each(|point| picture.marker(*point, at));
        let row = picture.legend_name(at, &line.name);
        picture.line((RIGHT + 12.0, row), (RIGHT + 40.0, row), &style);
        picture.marker((RIGHT + 26.0, row), at);
    }
}

fn stroke(at: usize, dashed: bool) -> String {
    let dash = if dashed { " stroke-dasharray=\"6 4\"" } else { "" };
    format!("stroke=\"{}\" stroke-width=\"2\"{dash}", colour(at))
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

fn bars_chart(picture: &mut Picture, chart: &Chart, bars: &Bars) {
    let group_sum = |group: usize| bars.series.iter().filter_map(|(_, values, _)| values[group]).sum::<f64>();
    let tallest = |group: usize| extent(bars.series.iter().filter_map(|(_, values, _)| values[group])).1;
    let heights = (0..bars.groups.len()).map(|group| if bars.stacked { group_sum(group) } else { tallest(group) });
    let y = Scale::new(&chart.y, extent(heights), BOTTOM, TOP);
    picture.vertical_axis(&y);
    let room = (RIGHT - LEFT) / bars.groups.len().max(1) as f64;
    for (group, name) in bars.groups.iter().enumerate() {
        let left = LEFT + room * group as f64;
        group_label(picture, left + room / 2.0, name);
        let mut stand = y.low();
        for (at, (_, values, hollow)) in bars.series.iter().enumerate() {
            let Some(value) = values[group] else { continue };
            let (slot, width) =
                if bars.stacked { (0, room * 0.6) } else { (at, room * 0.8 / bars.series.len() as f64) };
            let start = left + if bars.stacked { room * 0.2 } else { room * 0.1 } + width * slot as f64;
            let (foot, top) = if bars.stacked { (y.at(stand), y.at(stand + value)) } else { (BOTTOM, y.at(value)) };
            picture.bar((start, top), (width, (foot - top).max(0.5)), at, *hollow);
            stand += value;
        }
    }
    for (at, (name, _, hollow)) in bars.series.iter().enumerate() {
        let row = picture.legend_name(at, name);
        picture.bar((RIGHT + 14.0, row - 7.0), (24.0, 13.0), at, *hollow);
    }
    picture.frame();
}

/// The name of a group, in two lines where it has two words.
fn group_label(picture: &mut Picture, x: f64, name: &str) {
    for (row, word) in name.splitn(2, ' ').enumerate() {
        picture.text((x, BOTTOM + 17.0 + 14.0 * row as f64), "middle", "font-size=\"12\"", word);
    }
}
