//! Stored objects one after another as a stream, for work that reads and blocks. No more than a few pieces are
//! held, whatever the objects' number and sizes, and some requests are under way at once.

use crate::AssembleError;
use bytes::{Buf, Bytes};
use futures::{StreamExt, future::BoxFuture, stream};
use heaters_aws::{ObjectRef, ObjectStore, StoreError};
use heaters_domain::causes;
use std::io::{self, Read};
use tokio::sync::mpsc;

/// How many requests are under way at once.
pub(crate) const AT_ONCE: usize = 16;
/// The largest piece of an object that is read at once, and how many of the first pieces are read ahead.
const PIECE_BYTES: u64 = 8 << 20;
const AHEAD: usize = 4;

enum Item {
    /// The next object begins.
    Object,
    Piece(Bytes),
    End,
    Failed(String),
}

/// The objects' bytes, one object after another.
pub(crate) struct Incoming {
    items: mpsc::Receiver<Item>,
    piece: Bytes,
    /// What comes after the current object, once it is known: another object or nothing.
    next: Option<bool>,
}

/// Reads the objects and gives their bytes to `work`, in a thread that may block. An object that doesn't exist is
/// one without bytes.
pub(crate) async fn through<T: Send + 'static>(
    store: &dyn ObjectStore,
    objects: &[ObjectRef],
    work: impl FnOnce(Incoming) -> T + Send + 'static,
) -> Result<T, AssembleError> {
    let (to, items) = mpsc::channel(1);
    let incoming = Incoming { items, piece: Bytes::new(), next: None };
    let work = tokio::task::spawn_blocking(move || work(incoming));
    let (sent, done) = tokio::join!(send(store, objects, to), work);
    // Where storage failed, what became of the work follows from it.
    sent?;
    Ok(done?)
}

async fn send(store: &dyn ObjectStore, objects: &[ObjectRef], to: mpsc::Sender<Item>) -> Result<(), StoreError> {
    let loads: Vec<BoxFuture<'_, _>> = objects.iter().map(|object| Box::pin(begin(store, object)) as _).collect();
    let mut loads = stream::iter(loads).buffered(AHEAD);
    for object in objects {
        let sent = match loads.next().await {
            Some(Ok(begun)) => deliver(store, object, begun, &to).await,
            Some(Err(error)) => Err(error),
            None => break,
        };
        match sent {
            Ok(true) => {}
            // Nobody reads any more.
            Ok(false) => return Ok(()),
            Err(error) => {
                let _ = to.send(Item::Failed(causes(&error))).await;
                return Err(error);
            }
        }
    }
    let _ = to.send(Item::End).await;
    Ok(())
}

/// The first piece of an object, and the object's size.
async fn begin(store: &dyn ObjectStore, object: &ObjectRef) -> Result<(Bytes, u64), StoreError> {
    let first = match store.get(object, Some(0..PIECE_BYTES)).await {
        Err(StoreError::NotFound { .. }) => return Ok((Bytes::new(), 0)),
        first => first?,
    };
    let size = match first.len() as u64 {
        // Only then is there anything to ask.
        PIECE_BYTES => store.head(object).await?.map_or(PIECE_BYTES, |head| head.size_bytes),
        size => size,
    };
    Ok((first, size))
}

/// Sends an object's bytes. Returns whether anybody takes them.
async fn deliver(
    store: &dyn ObjectStore,
    object: &ObjectRef,
    (first, size): (Bytes, u64),
    to: &mpsc::Sender<Item>,
) -> Result<bool, StoreError> {
    let mut at = first.len() as u64;
    if to.send(Item::Object).await.is_err() || to.send(Item::Piece(first)).await.is_err() {
        return Ok(false);
    }
    while at < size {
        let piece = store.get(object, Some(at..size.min(at + PIECE_BYTES))).await?;
        if piece.is_empty() {
            let detail = format!("it ends at byte {at} instead of {size}");
            return Err(StoreError::Service { operation: "get", object: object.clone(), detail });
        }
        at += piece.len() as u64;
        if to.send(Item::Piece(piece)).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Incoming {
    /// Goes on to the next object, past what is left of this one. Returns whether there is one.
    pub fn next_object(&mut self) -> io::Result<bool> {
        loop {
            self.piece.clear();
            match self.next.take() {
                Some(true) => return Ok(true),
                Some(false) => {
                    self.next = Some(false);
                    return Ok(false);
                }
                None => self.receive()?,
            }
        }
    }

    /// What is held of the current object's next bytes; empty at its end.
    pub fn peek(&mut self) -> io::Result<&[u8]> {
        while self.piece.is_empty() && self.next.is_none() {
            self.receive()?;
        }
        Ok(&self.piece)
    }

    fn receive(&mut self) -> io::Result<()> {
        match self.items.blocking_recv() {
            Some(Item::Object) => self.next = Some(true),
            Some(Item::Piece(piece)) => self.piece = piece,
            Some(Item::End) => self.next = Some(false),
            Some(Item::Failed(detail)) => return Err(io::Error::other(detail)),
            None => return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the reading was broken off")),
        }
        Ok(())
    }
}

impl Read for Incoming {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let held = self.peek()?;
        let count = held.len().min(out.len());
        out[..count].copy_from_slice(&held[..count]);
        self.piece.advance(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_aws::DirStore;

    #[tokio::test]
    async fn objects_come_one_after_another_whatever_their_sizes() {
        let root = tempfile::tempdir().unwrap();
        let store = DirStore::new(root.path());
        let object = |name: &str| ObjectRef::new("b", name);
        let large: Vec<u8> = (0..2 * PIECE_BYTES + 3).map(|at| (at / 7) as u8).collect();
        store.put(&object("small"), "abc".into(), "").await.unwrap();
        store.put(&object("large"), large.clone().into(), "").await.unwrap();
        let objects = ["small", "missing", "large", "small"].map(object);
        let found = through(&store, &objects, |mut incoming| {
            let mut found = Vec::new();
            while incoming.next_object().unwrap() {
                let mut bytes = Vec::new();
                incoming.read_to_end(&mut bytes).unwrap();
                found.push(bytes);
            }
            assert!(!incoming.next_object().unwrap());
            found
        });
        assert_eq!(found.await.unwrap(), [b"abc".to_vec(), Vec::new(), large, b"abc".to_vec()]);
        let skipped = through(&store, &objects, |mut incoming| {
            (0..4).map(|_| incoming.next_object().unwrap() && !incoming.peek().unwrap().is_empty()).collect::<Vec<_>>()
        });
        assert_eq!(skipped.await.unwrap(), [true, false, true, true]);
    }

    #[tokio::test]
    async fn work_that_needs_no_more_ends_the_reading() {
        let root = tempfile::tempdir().unwrap();
        let store = DirStore::new(root.path());
        let objects: Vec<_> = (0..50).map(|number| ObjectRef::new("b", format!("{number}"))).collect();
        assert_eq!(through(&store, &objects, |_| 7).await.unwrap(), 7);
    }
}
