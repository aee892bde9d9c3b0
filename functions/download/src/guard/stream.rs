use super::{Limits, Used};
use hyper_util::client::legacy::connect::{Connected, Connection};
use std::{
    io,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// The text of the error of a connection through which too much came.
pub(crate) const TOO_MUCH: &str = "more bytes than may come through the guard";
/// The text of the error of a connection whose time is over.
pub(crate) const TOO_LONG: &str = "the time that fetching may take is over";

/// A connection that the guard made: counted, and ended when the other side says nothing for too long.
#[derive(Debug)]
pub struct Guarded {
    connection: TcpStream,
    limits: Limits,
    used: Arc<Used>,
    silence: Pin<Box<Sleep>>,
}

impl Guarded {
    pub(super) fn new(connection: TcpStream, limits: Limits, used: Arc<Used>) -> Self {
        let silence = Box::pin(sleep_until(Self::patience(limits)));
        Self { connection, limits, used, silence }
    }

    fn patience(limits: Limits) -> Instant {
        (Instant::now() + limits.idle).min(limits.until)
    }

    fn waited(&mut self) {
        let until = Self::patience(self.limits);
        self.silence.as_mut().reset(until);
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.connection).poll_read(context, buffer) {
            Poll::Ready(done) => {
                done?;
                let read = (buffer.filled().len() - before) as u64;
                let total = self.used.bytes.fetch_add(read, Ordering::Relaxed) + read;
                if total > self.limits.bytes {
                    buffer.set_filled(before);
                    return Poll::Ready(Err(io::Error::other(TOO_MUCH)));
                }
                self.waited();
                Poll::Ready(Ok(()))
            }
            Poll::Pending => {
                ready!(self.silence.as_mut().poll(context));
                let over = Instant::now() >= self.limits.until;
                let silent = io::Error::new(io::ErrorKind::TimedOut, "the server says nothing");
                Poll::Ready(Err(if over { io::Error::other(TOO_LONG) } else { silent }))
            }
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.waited();
        Pin::new(&mut self.connection).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}

impl Connection for Guarded {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
