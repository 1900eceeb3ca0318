//! What the place can show where a report is read.

/// What a terminal can show; formats for files ignore it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Its width in columns; `None` if the output is no terminal.
    pub width: Option<u16>,
    /// Whether it shows colours, and the user wants them.
    pub colour: bool,
}
