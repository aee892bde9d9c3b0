//! A hostile program in yt-dlp's place: what it can't do under the same confinement.

use crate::{
    fixture::{Changing, noise, yt_dlp},
    server::{Answer, Server},
};
use download::guard::{Guard, Limits, Line};
use heaters_domain::egress::Reach;
use heaters_media::{LINE, Run, run_on_line};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{runtime::Handle, time::Instant};

/// Runs Python with a line to a guard, and returns what it prints.
async fn python(guard: Arc<Guard>, code: &str, extra: &[&str]) -> String {
    let prelude = "import ctypes, os, socket, sys\nline = socket.socket(fileno=int(sys.argv[1]))\n\
        def attempt(name, work):\n    try:\n        print(name, 'did', work())\n    \
        except Exception as error:\n        print(name, 'failed', getattr(error, 'errno', None) or error)\n";
    let code = format!("{prelude}{code}");
    let args: Vec<String> = ["-I", "-B", "-c", &code, LINE].iter().chain(extra).map(ToString::to_string).collect();
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let theirs = Line::new().unwrap().serve(guard, runtime);
        let folder = Path::new("/tmp");
        let run = Run { args: &args, folder, deadline: Duration::from_secs(20), subject: "a hostile program" };
        let mut output = Vec::new();
        run_on_line(&yt_dlp().python, &run, &theirs, |piece| {
            output.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        String::from_utf8(output).unwrap()
    })
    .await
    .unwrap()
}

fn guard(reach: Reach) -> Arc<Guard> {
    let limits = Limits {
        bytes: 1 << 20,
        connections: 50,
        idle: Duration::from_secs(2),
        until: Instant::now() + Duration::from_secs(30),
    };
    Arc::new(Guard::new(reach, Arc::new(Changing::new(&["127.0.0.1"])), limits))
}

const REFUSED: &str = " failed 1";

#[tokio::test(flavor = "multi_thread")]
async fn no_socket_can_be_made_or_turned_elsewhere() {
    let server = Server::start(|_, _| Answer::Raw(b"reached".to_vec())).await;
    let port = server.address.port().to_string();
    let code = r"
port = int(sys.argv[2])
attempt('tcp', lambda: socket.create_connection(('127.0.0.1', port), 2).recv(9))
attempt('tcp6', lambda: socket.socket(socket.AF_INET6))
attempt('udp', lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
attempt('unix', lambda: socket.socket(socket.AF_UNIX))
attempt('netlink', lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt('pair', lambda: socket.socketpair())
attempt('listen', lambda: socket.create_server(('127.0.0.1', 0)))
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    if libc.syscall(number, *args) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
address = bytes([2, 0, port >> 8, port & 255, 127, 0, 0, 1]) + bytes(8)
attempt('connect', lambda: line.connect('/run/any'))
attempt('raw connect', lambda: call(42, line.fileno(), address, 16))
attempt('sendto', lambda: call(44, line.fileno(), b'x', 1, 0, address, 16))
attempt('sendmsg', lambda: line.sendmsg([b'x']))
attempt('io_uring', lambda: call(425, 8, bytes(120)))
attempt('x32 socket', lambda: call(0x40000000 | 41, 2, 1, 0))
attempt('ptrace', lambda: call(101, 16, os.getppid(), 0, 0))
attempt('pidfd', lambda: call(434, os.getppid(), 0))
attempt('unshare', lambda: call(272, 0x40000000))
attempt('kill', lambda: os.kill(os.getppid(), 0))
attempt('memory', lambda: call(310, os.getppid(), 0, 0, 0, 0, 0))
";
    let said = python(guard(Reach { loopback: true, ..Reach::default() }), code, &[&port]).await;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 18, "{said}");
    for line in lines {
        assert!(line.ends_with(REFUSED), "{line}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_starts_is_confined_too() {
    let code = "pid = os.fork()\nif pid == 0:\n    os.execv(sys.executable, [sys.executable, '-I', '-c', \
        'import socket\\ntry:\\n    socket.socket()\\nexcept OSError as error: print(\"child\", error.errno)'])\n\
        os.waitpid(pid, 0)\n";
    assert_eq!(python(guard(Reach::default()), code, &[]).await, "child 1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parents_environment_and_memory_can_not_be_read() {
    heaters_runtime::make_non_dumpable();
    let code = r"
parent = f'/proc/{os.getppid()}/'
print('own', open('/proc/self/environ').read() + str(dict(os.environ)))
attempt('environ', lambda: open(parent + 'environ').read())
attempt('memory', lambda: open(parent + 'mem', 'rb').read(1))
attempt('maps', lambda: open(parent + 'maps').read())
for number in range(20):
    attempt('file', lambda: os.open(parent + f'fd/{number}', os.O_RDONLY))
    attempt('name', lambda: os.readlink(parent + f'fd/{number}'))
attempt('root', lambda: os.listdir(parent + 'root/'))
status = open('/proc/self/status').read()
print('capabilities', status.split('CapEff:')[1].split()[0], status.split('NoNewPrivs:')[1].split()[0])
";
    let said = python(guard(Reach::default()), code, &[]).await;
    let lines: Vec<&str> = said.lines().collect();
    // Python sets this one itself.
    let own = lines[0].replace("'LC_CTYPE': 'C.UTF-8'", "");
    assert_eq!(own, "own {}", "the environment is empty");
    let attempts: Vec<&&str> =
        lines.iter().filter(|line| line.contains(" did ") || line.contains(" failed ")).collect();
    assert_eq!(attempts.len(), 4 + 40);
    for line in attempts {
        // What is not there is refused in the same way, or is not there.
        let refused = [" failed 13", " failed 1", " failed 2"].iter().any(|end| line.ends_with(end));
        assert!(refused, "{line}");
    }
    assert!(said.contains("capabilities 0000000000000000 1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn through_the_line_only_what_the_guard_allows_is_reached() {
    let server = Server::start(|_, _| Answer::Raw(b"public".to_vec())).await;
    let port = server.address.port().to_string();
    let code = r"
def dial(port, host):
    line.send(f'{port} {host}'.encode())
    answer, fds, _, _ = socket.recv_fds(line, 4096, 1)
    if not fds:
        return answer.decode()
    with socket.socket(fileno=fds[0]) as connection:
        assert connection.family == socket.AF_UNIX
        connection.sendall(b'GET / HTTP/1.1\r\n\r\n')
        return connection.recv(99).decode()
print(dial(sys.argv[2], 'public.example'))
print(dial(80, '169.254.169.254'))
print(dial(80, '[::ffff:10.0.0.1]'))
print(dial('port', 'x'))
line.send(b'\xff\xfe\x00')
print(socket.recv_fds(line, 4096, 1)[0].decode())
";
    let said = python(guard(Reach { loopback: true, ..Reach::default() }), code, &[&port]).await;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "public");
    assert!(lines[1].contains("credentials") && lines[2].contains("IPv4 address in IPv6"), "{said}");
    assert!(lines[3].contains("no request") && lines[4].contains("no request"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_through_the_line_is_bounded() {
    let body = noise(3 << 20);
    let server = Server::start(move |_, _| Answer::Raw(body.clone())).await;
    let code = "line.send(f'{sys.argv[2]} h.example'.encode())\n\
        connection = socket.socket(fileno=socket.recv_fds(line, 9, 1)[1][0])\n\
        connection.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n')\ntotal = 0\n\
        while piece := connection.recv(65536):\n    total += len(piece)\nprint(total <= 1 << 20)\n";
    let port = server.address.port().to_string();
    assert_eq!(python(guard(Reach { loopback: true, ..Reach::default() }), code, &[&port]).await, "True\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_size_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big").display().to_string();
    let code = "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n\
        attempt('file', lambda: open(sys.argv[2], 'wb', 0).write(bytes(2 << 20)))\nprint(os.path.getsize(sys.argv[2]))\n";
    let said = python(guard(Reach::default()), code, &[&path]).await;
    assert!(said.ends_with("1048576\n"), "{said}");
}
