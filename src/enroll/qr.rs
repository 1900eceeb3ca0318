//! The QR code that an authenticator app scans: an `otpauth://` URI, drawn for a terminal or as a picture.
//!
//! It is as secret as the seed in it, and wiped like it.

use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use png::{BitDepth, ColorType, Encoder};
use qrcode::{Color, EcLevel, QrCode};
use thiserror::Error;
use zeroize::Zeroizing;

use super::seed::Seed;
use crate::aws::Secret;

/// The margin that the standard asks for (ISO/IEC 18004), in modules.
const MARGIN: usize = 4;

/// The margin with which phones still read it, for narrow windows.
const NARROW: usize = 1;

/// Pixels a module in a picture.
const PIXELS: usize = 8;

/// What authenticator apps show above the code.
const ISSUER: &str = "Amazon Web Services";

/// What a URI keeps as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why no QR code can be drawn.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum QrError {
    /// The window is too narrow for it.
    #[error("the QR code needs {needed} columns and the window has {columns}")]
    TooNarrow {
        /// Columns with the smallest margin.
        needed: usize,
        /// Columns of the window.
        columns: usize,
    },
    /// The text is too long for any QR code.
    #[error("the secret is too long for a QR code")]
    TooLong,
}

/// What the code says: the user at the account, and the secret
/// (<https://github.com/google/google-authenticator/wiki/Key-Uri-Format>).
#[must_use]
pub fn uri(user: &str, account: &str, seed: &Seed) -> Secret {
    let encode = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let (issuer, label) = (encode(ISSUER), encode(&format!("{user}@{account}")));
    let secret = seed.text().expose();
    let mut uri = String::with_capacity(2 * issuer.len() + label.len() + secret.len() + 40);
    for part in ["otpauth://totp/", &issuer, ":", &label, "?secret=", secret, "&issuer=", &issuer] {
        uri.push_str(part);
    }
    Secret::new(uri)
}

/// A QR code: its modules row by row, true where it is dark.
pub struct Picture {
    width: usize,
    dark: Zeroizing<Vec<bool>>,
}

impl Picture {
    /// The code that says `text`.
    ///
    /// # Errors
    ///
    /// If it is longer than a QR code can say: about 2,900 bytes.
    pub fn of(text: &Secret) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text.expose(), EcLevel::L).map_err(|_| QrError::TooLong)?;
        let width = code.width();
        let dark = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { width, dark: Zeroizing::new(dark) })
    }

    /// The code in half blocks, for a window of `columns`; `on_dark`: for light text on a dark background, else for dark
    /// text on a light one.
    ///
    /// # Errors
    ///
    /// If the window is too narrow even for a small margin.
    pub fn blocks(&self, columns: usize, on_dark: bool) -> Result<Secret, QrError> {
        let fits = |margin: &usize| self.width + 2 * margin <= columns;
        let Some(margin) = [MARGIN, NARROW].into_iter().find(fits) else {
            return Err(QrError::TooNarrow { needed: self.width + 2 * NARROW, columns });
        };
        let width = self.width + 2 * margin;
        // A half block is drawn in the colour of the text: on a dark background, where the code is light.
        let is_drawn = |x: usize, y: usize| self.is_dark(x, y, margin) != on_dark && (y < width || on_dark);
        // A character takes at most three bytes.
        let mut text = String::with_capacity((3 * width + 1) * width.div_ceil(2));
        for y in (0..width).step_by(2) {
            for x in 0..width {
                text.push(match (is_drawn(x, y), is_drawn(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            text.push('\n');
        }
        Ok(Secret::new(text))
    }

    /// The code as a PNG picture.
    ///
    /// # Errors
    ///
    /// If it cannot be encoded.
    pub fn png(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let side = (self.width + 2 * MARGIN) * PIXELS;
        let pixels = u32::try_from(side).map_err(io::Error::other)?;
        let mut grey = Zeroizing::new(Vec::with_capacity(side * side));
        for y in 0..side {
            grey.extend((0..side).map(|x| if self.is_dark(x / PIXELS, y / PIXELS, MARGIN) { 0_u8 } else { u8::MAX }));
        }
        // Room enough that it is never moved, and no copy is left behind.
        let mut file = Zeroizing::new(Vec::with_capacity(side * side + 1024));
        let mut encoder = Encoder::new(&mut *file, pixels, pixels);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        writer.write_image_data(&grey).map_err(io::Error::other)?;
        writer.finish().map_err(io::Error::other)?;
        Ok(file)
    }

    /// Whether the module at a place of the picture with its margin is dark.
    fn is_dark(&self, x: usize, y: usize, margin: usize) -> bool {
        let (Some(x), Some(y)) = (x.checked_sub(margin), y.checked_sub(margin)) else { return false };
        x < self.width && self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        let seed = Seed::parse("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
        uri("kim+x", "111122223333", &seed)
    }

    /// What a decoder reads in a picture of `side` pixels.
    fn decoded(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
        let grey = |x: usize, y: usize| if is_dark(x, y) { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
        image.detect_grids()[0].decode().unwrap().1
    }

    /// What a decoder reads in half blocks, four pixels a module.
    fn read(blocks: &str, on_dark: bool) -> String {
        let rows: Vec<Vec<char>> = blocks.lines().map(|line| line.chars().collect()).collect();
        let width = rows[0].len();
        assert!(rows.iter().all(|row| row.len() == width));
        decoded(4 * width, |x, y| {
            let (x, y) = (x / 4, y / 4);
            let drawn = match rows[y / 2][x] {
                '█' => true,
                '▀' => y % 2 == 0,
                '▄' => y % 2 == 1,
                _ => false,
            };
            drawn != on_dark
        })
    }

    #[test]
    fn the_uri_is_what_authenticator_apps_read() {
        assert_eq!(
            secret().expose(),
            "otpauth://totp/Amazon%20Web%20Services:kim%2Bx%40111122223333?secret=\
             JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Amazon%20Web%20Services"
        );
    }

    #[test]
    fn blocks_are_read_back_on_dark_and_on_light_and_in_narrow_windows() {
        let picture = Picture::of(&secret()).unwrap();
        for (columns, on_dark) in [(80, true), (80, false), (picture.width + 2, true), (picture.width + 2, false)] {
            let blocks = picture.blocks(columns, on_dark).unwrap();
            assert!(blocks.expose().lines().all(|line| line.chars().count() <= columns));
            assert_eq!(read(blocks.expose(), on_dark), secret().expose(), "{columns} {on_dark}");
        }
        let narrow = picture.blocks(picture.width + 1, true).unwrap_err();
        assert_eq!(narrow, QrError::TooNarrow { needed: picture.width + 2, columns: picture.width + 1 });
    }

    #[test]
    fn the_picture_is_read_back() {
        let picture = Picture::of(&secret()).unwrap();
        let file = picture.png().unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(&file[..])).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let side = usize::try_from(info.width).unwrap();
        assert_eq!(decoded(side, |x, y| pixels[y * side + x] < 128), secret().expose());
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(matches!(Picture::of(&Secret::new("A".repeat(8000))), Err(QrError::TooLong)));
    }
}
