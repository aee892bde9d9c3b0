//! One file, read by ranges.

use super::{Pieces, Reader};
use crate::fetch::{FetchError, Opened, Wanted};
use bytes::Bytes;

impl Reader {
    pub(super) async fn next_of_file(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            if self.open.is_none() {
                if self.at.total.is_some_and(|total| self.at.offset >= total) && self.at.offset > 0 {
                    return Ok(None);
                }
                self.open = Some(self.open_file().await?);
            }
            let Some(open) = &mut self.open else { continue };
            if let Some(bytes) = open.next().await? {
                self.at.offset += bytes.len() as u64;
                return Ok(Some(bytes));
            }
            let url = open.url.to_string();
            self.open = None;
            match (self.at.total, &self.pieces) {
                (Some(total), Pieces::Plain { chunk: Some(_), .. }) if self.at.offset < total => {}
                (Some(total), _) if self.at.offset < total => {
                    return Err(FetchError::Short { url, got: self.at.offset, expected: total });
                }
                _ => return Ok(None),
            }
        }
    }

    async fn open_file(&mut self) -> Result<Opened, FetchError> {
        let Pieces::Plain { url, chunk } = &self.pieces else {
            return Err(FetchError::Playlist("The video is not one file.".to_owned()));
        };
        let from = self.at.offset;
        let goes_on = from > 0;
        if goes_on && self.at.validator.is_none() && chunk.is_none() {
            // Nothing says that what follows belongs to what is there.
            return Err(FetchError::Changed { url: url.to_string() });
        }
        let wanted = Wanted {
            from,
            to: chunk.map(|chunk| from + chunk.max(1)),
            if_range: self.at.validator.clone().filter(|_| goes_on),
        };
        let open = self.client.open(url, &self.headers, &wanted).await?;
        let same = open.start == from
            && (!goes_on || open.validator == self.at.validator)
            && (!goes_on || self.at.total.is_none() || open.total == self.at.total);
        if !same {
            return Err(FetchError::Changed { url: url.to_string() });
        }
        self.at.validator.clone_from(&open.validator);
        self.at.total = open.total;
        Ok(open)
    }
}
