//! What goes into a tool and comes out of it piece by piece: its standard input, and its output line by line.

use std::{
    io::{self, Write},
    process::ChildStdin,
};

/// Longer lines are refused: a hostile file can put anything into what a tool prints of it.
const LINE_BYTES: usize = 1 << 16;

/// How the writing of a tool's standard input ended.
#[derive(Debug)]
pub(crate) enum Fed {
    /// All was written, or the tool stopped reading, which is for the tool's exit code to judge.
    Done,
    Failed(io::Error),
}

/// Lets `feed` write a tool's standard input, and closes it.
pub(crate) fn write_input(stdin: ChildStdin, feed: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Fed {
    let mut input = Input { stdin, closed: false };
    match feed(&mut input) {
        // A feed may have wrapped the error of a broken pipe, or met another one after it.
        Err(error) if !input.closed => Fed::Failed(error),
        _ => Fed::Done,
    }
}

struct Input {
    stdin: ChildStdin,
    /// The tool reads no more.
    closed: bool,
}

impl Write for Input {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stdin.write(bytes);
        self.closed |= written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdin.flush()
    }
}

/// Puts pieces together to lines.
pub(crate) struct Lines<F> {
    line: Vec<u8>,
    on_line: F,
}

impl<F: FnMut(&str) -> io::Result<()>> Lines<F> {
    pub(crate) fn new(on_line: F) -> Self {
        Self { line: Vec::new(), on_line }
    }

    pub(crate) fn push(&mut self, mut piece: &[u8]) -> io::Result<()> {
        while let Some(at) = piece.iter().position(|byte| *byte == b'\n') {
            self.keep(&piece[..at])?;
            self.end()?;
            piece = &piece[at + 1..];
        }
        self.keep(piece)
    }

    /// Gives the last line, where no line feed is behind it.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if self.line.is_empty() { Ok(()) } else { self.end() }
    }

    fn keep(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.line.len() + bytes.len() > LINE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long"));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let given = (self.on_line)(&String::from_utf8_lossy(&self.line));
        self.line.clear();
        given
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut lines = Lines::new(|line: &str| {
            found.push(line.to_owned());
            Ok(())
        });
        pieces.iter().try_for_each(|piece| lines.push(piece))?;
        lines.finish()?;
        Ok(found)
    }

    #[test]
    fn lines_do_not_depend_on_the_pieces() {
        assert_eq!(lines(&[b"ab\n\nc", b"d\ne"]).unwrap(), ["ab", "", "cd", "e"]);
        assert_eq!(lines(&[b"ab", b"\n\ncd\n", b"e\n"]).unwrap(), ["ab", "", "cd", "e"]);
        assert_eq!(lines(&[]).unwrap(), [""; 0]);
    }

    #[test]
    fn an_endless_line_is_refused() {
        let longest = vec![b'x'; LINE_BYTES];
        assert!(lines(&[&longest]).is_ok());
        assert!(lines(&[&longest, b"x"]).is_err());
    }
}
