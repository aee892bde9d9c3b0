//! Joins objects on the server by a multipart upload.

use crate::{
    concat::{Limits, Piece, Source, Step, plan},
    s3::{S3Store, failed, file_stream},
    store::{ObjectRef, ObjectStore, Part, StoreError},
};
use aws_sdk_s3::types::CompletedPart;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, future::BoxFuture, stream};
use std::{fmt::Write, ops::Range};

const LIMITS: Limits = Limits { least_bytes: 5 << 20, copy_bytes: 1 << 30, upload_bytes: 16 << 20, parts: 10_000 };
/// How many requests are under way at once. The server copies; uploads hold at most as many parts in memory.
const AT_ONCE: usize = 8;

/// A part with its place and size.
struct Sized<'a> {
    part: &'a Part,
    range: Range<u64>,
}

impl S3Store {
    pub(crate) async fn join(&self, object: &ObjectRef, parts: &[Part], content_type: &str) -> Result<(), StoreError> {
        let sizing: Vec<BoxFuture<'_, _>> =
            parts.iter().map(|part| Box::pin(self.sized(part)) as BoxFuture<'_, _>).collect();
        let sized: Vec<Sized<'_>> = stream::iter(sizing).buffered(AT_ONCE).try_collect().await?;
        let sources: Vec<_> = sized
            .iter()
            .map(|Sized { part, range }| Source {
                size_bytes: range.end - range.start,
                is_stored: matches!(part, Part::Object(_) | Part::Range(..)),
            })
            .collect();
        match plan(&sources, LIMITS).as_slice() {
            [] => self.put(object, Bytes::new(), content_type).await,
            [Step::Upload(pieces)] => self.put(object, self.collect(&sized, pieces).await?, content_type).await,
            steps => {
                let upload = self.begin(object, content_type).await?;
                let done = self.steps(object, &upload, &sized, steps).await;
                self.finish(object, &upload, done).await
            }
        }
    }

    async fn sized<'a>(&self, part: &'a Part) -> Result<Sized<'a>, StoreError> {
        let range = match part {
            Part::Bytes(bytes) => 0..bytes.len() as u64,
            Part::Range(_, range) | Part::File(_, range) => range.clone(),
            Part::Object(from) => {
                let head = self.head(from).await?.ok_or_else(|| StoreError::NotFound { object: from.clone() })?;
                0..head.size_bytes
            }
        };
        Ok(Sized { part, range })
    }

    async fn steps(
        &self,
        object: &ObjectRef,
        upload: &str,
        sized: &[Sized<'_>],
        steps: &[Step],
    ) -> Result<Vec<CompletedPart>, StoreError> {
        let numbered = (1..).zip(steps);
        let work: Vec<BoxFuture<'_, _>> = numbered
            .map(|(number, step)| Box::pin(self.step(object, upload, sized, number, step)) as BoxFuture<'_, _>)
            .collect();
        stream::iter(work).buffered(AT_ONCE).try_collect().await
    }

    async fn step(
        &self,
        object: &ObjectRef,
        upload: &str,
        sized: &[Sized<'_>],
        number: i32,
        step: &Step,
    ) -> Result<CompletedPart, StoreError> {
        match step {
            Step::Upload(pieces) => {
                let body = self.collect(sized, pieces).await?;
                self.upload_part(object, upload, number, body.into()).await
            }
            Step::Copy(piece) => match locate(sized, piece) {
                (Part::Object(from) | Part::Range(from, _), range) => {
                    self.copy_part(object, upload, number, from, range).await
                }
                // The plan copies only what is stored.
                (Part::Bytes(_) | Part::File(..), _) => {
                    let body = self.collect(sized, std::slice::from_ref(piece)).await?;
                    self.upload_part(object, upload, number, body.into()).await
                }
            },
        }
    }

    async fn copy_part(
        &self,
        object: &ObjectRef,
        upload: &str,
        number: i32,
        from: &ObjectRef,
        range: Range<u64>,
    ) -> Result<CompletedPart, StoreError> {
        let call = self.client().upload_part_copy().bucket(&object.bucket).key(&object.key).upload_id(upload);
        let copied = call
            .part_number(number)
            .copy_source(copy_source(from))
            .copy_source_range(format!("bytes={}-{}", range.start, range.end - 1))
            .send()
            .await
            .map_err(|error| failed("part copy", from, &error))?;
        let etag = copied.copy_part_result.and_then(|result| result.e_tag);
        Ok(CompletedPart::builder().part_number(number).set_e_tag(etag).build())
    }

    /// The bytes of pieces one after another.
    async fn collect(&self, sized: &[Sized<'_>], pieces: &[Piece]) -> Result<Bytes, StoreError> {
        let mut body = BytesMut::new();
        for piece in pieces {
            let expected = body.len() as u64 + piece.range.end - piece.range.start;
            let (part, range) = locate(sized, piece);
            match part {
                Part::Bytes(bytes) => body.extend_from_slice(&bytes[range.start as usize..range.end as usize]),
                Part::Object(from) | Part::Range(from, _) => {
                    body.extend_from_slice(&self.get(from, Some(range)).await?);
                }
                Part::File(path, _) => {
                    let stream = file_stream(path, range.start, range.end - range.start).await?;
                    let read = stream.collect().await.map_err(|error| StoreError::File {
                        operation: "read",
                        path: path.clone(),
                        source: error.into(),
                    })?;
                    body.extend_from_slice(&read.into_bytes());
                }
            }
            if body.len() as u64 != expected {
                let detail = format!("{part:?} is shorter than it was");
                let object = ObjectRef::new("", "");
                return Err(StoreError::Service { operation: "join", object, detail });
            }
        }
        Ok(body.freeze())
    }
}

/// The part of a piece, and its bytes within what the part is of.
fn locate<'a>(sized: &'a [Sized<'_>], piece: &Piece) -> (&'a Part, Range<u64>) {
    let Sized { part, range } = &sized[piece.source];
    (part, range.start + piece.range.start..range.start + piece.range.end)
}

/// The object as the header of a copy names it: percent-encoded, with its version.
fn copy_source(from: &ObjectRef) -> String {
    let mut source = String::new();
    for byte in format!("{}/{}", from.bucket, from.key).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => source.push(byte.into()),
            _ => {
                // Writing to a String can't fail.
                let _ = write!(source, "%{byte:02X}");
            }
        }
    }
    if let Some(version) = &from.version {
        source.push_str("?versionId=");
        source.push_str(version);
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_kind_can_be_copied() {
        let from = ObjectRef { version: Some("3/L4.a".to_owned()), ..ObjectRef::new("up", "My Vidéo+1?.mp4") };
        assert_eq!(copy_source(&from), "up/My%20Vid%C3%A9o%2B1%3F.mp4?versionId=3/L4.a");
        assert_eq!(copy_source(&ObjectRef::new("up", "a/b-c_d.mp4")), "up/a/b-c_d.mp4");
    }
}
