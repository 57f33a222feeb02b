//! Drawing of bar charts, in two columns, for light and dark pages.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::{Chart, OURS};

/// The measures, in pixels.
const COLUMN_WIDTH: f64 = 440.0;
const COLUMNS: usize = 2;
const TITLE_HEIGHT: f64 = 24.0;
const BAR_HEIGHT: f64 = 13.0;
const BAR_DISTANCE: f64 = 17.0;
const GROUP_GAP: f64 = 6.0;
const CHART_GAP: f64 = 18.0;
const MARGIN: f64 = 12.0;
/// The left ends of a group's name, a bar's name and a bar in a column, and the longest bar.
const GROUP_X: f64 = 0.0;
const NAME_X: f64 = 56.0;
const BAR_X: f64 = 172.0;
const BAR_WIDTH_MAX: f64 = 205.0;

/// The colours follow the page's: black on white, or white on black.
const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.small { font-size: 11px; fill: #57606a }
.ours { fill: #d9480f }
.other { fill: #8c959f }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.ours { fill: #ff922b }
.other { fill: #6e7681 }
}
";

/// Draws the charts, each into the column that is shorter so far; `foot` is written below them.
pub(super) fn draw(charts: &[Chart], foot: &str) -> io::Result<String> {
    let mut ends = [MARGIN; COLUMNS];
    let mut placed = Vec::new();
    for chart in charts {
        let shortest = (0..COLUMNS).fold(0, |best, column| if ends[column] < ends[best] { column } else { best });
        placed.push((MARGIN + shortest as f64 * COLUMN_WIDTH, ends[shortest], chart));
        ends[shortest] += height(chart) + CHART_GAP;
    }
    let columns = charts.len().min(COLUMNS) as f64;
    let (width, end) = (columns * COLUMN_WIDTH + MARGIN, ends.into_iter().fold(0.0, f64::max));
    let mut writer = Writer::new(Vec::new());
    let root = writer.create_element("svg").with_attributes([
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("role", "img"),
        ("viewBox", &format!("0 0 {width} {}", end + MARGIN)),
        ("width", &width.to_string()),
        ("height", &(end + MARGIN).to_string()),
    ]);
    root.write_inner_content(|writer| {
        let title = writer.create_element("title");
        title.write_text_content(BytesText::new("Flint beside other loaders and unpackers"))?;
        let style = writer.create_element("style");
        style.write_text_content(BytesText::new(STYLE))?;
        for (x, y, chart) in placed {
            draw_chart(writer, x, y, chart)?;
        }
        text(writer, "small", MARGIN, end, foot)
    })?;
    let mut svg = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    svg.push('\n');
    Ok(svg)
}

fn height(chart: &Chart) -> f64 {
    let groups = chart.groups.iter();
    let of_groups = groups.map(|group| group.bars.len() as f64 * BAR_DISTANCE + GROUP_GAP);
    TITLE_HEIGHT + of_groups.sum::<f64>()
}

fn draw_chart(writer: &mut Writer<Vec<u8>>, x: f64, top: f64, chart: &Chart) -> io::Result<()> {
    text(writer, "title", x, top + BAR_HEIGHT, &chart.title)?;
    let bars = chart.groups.iter().flat_map(|group| &group.bars);
    let longest = bars.map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let mut y = top + TITLE_HEIGHT;
    for group in &chart.groups {
        text(writer, "small", x + GROUP_X, baseline(y), &group.name)?;
        for bar in &group.bars {
            text(writer, "small", x + NAME_X, baseline(y), &bar.name)?;
            let width = bar.value / longest * BAR_WIDTH_MAX;
            let class = if bar.name == OURS { "ours" } else { "other" };
            let rect = writer.create_element("rect").with_attributes([
                ("class", class),
                ("x", &pixels(x + BAR_X)),
                ("y", &pixels(y)),
                ("width", &pixels(width)),
                ("height", &pixels(BAR_HEIGHT)),
                ("rx", "2"),
            ]);
            rect.write_empty()?;
            let value = format!("{:.*}", bar.decimals, bar.value);
            text(writer, "small", x + BAR_X + width + 5.0, baseline(y), &value)?;
            y += BAR_DISTANCE;
        }
        y += GROUP_GAP;
    }
    Ok(())
}

/// Returns where text stands beside a bar with this upper edge.
fn baseline(y: f64) -> f64 {
    y + BAR_HEIGHT - 2.5
}

fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

fn text(writer: &mut Writer<Vec<u8>>, class: &str, x: f64, y: f64, text: &str) -> io::Result<()> {
    let element =
        writer
            .create_element("text")
            .with_attributes([("class", class), ("x", &pixels(x)), ("y", &pixels(y))]);
    element.write_text_content(BytesText::new(text)).map(drop)
}
