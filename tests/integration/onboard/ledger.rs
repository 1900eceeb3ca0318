//! Through the library, with a ledger that cannot be written any more at any entry: nothing is done without it, and what
//! was made by then is named.

use std::io;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use portcullis::aws::{Hub, Keys, Secret, Settings};
use portcullis::enforce::Guards;
use portcullis::iam::guard::Variant;
use portcullis::journal::Journal;
use portcullis::ledger::{Author, Ledger, MemoryStore, Store};
use portcullis::onboard::{Delivery, End, Run, Step, Wish, found, plan};

use super::Stage;

/// A disk that is full after some entries.
struct Full {
    inner: MemoryStore,
    room: usize,
}

impl Store for Full {
    fn name(&self) -> &'static str {
        "full"
    }

    fn existed(&self) -> bool {
        self.inner.existed()
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.inner.read()
    }

    fn length(&mut self) -> io::Result<u64> {
        self.inner.length()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.room = self.room.checked_sub(1).ok_or_else(|| io::Error::other("no space left on device"))?;
        self.inner.append(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.inner.truncate(length)
    }

    fn set_aside(&mut self, bytes: &[u8]) -> io::Result<String> {
        self.inner.set_aside(bytes)
    }
}

/// Counts what it is told.
#[derive(Default)]
struct Counting {
    before: usize,
    after: usize,
    withdrawn: usize,
}

impl Delivery for Counting {
    fn before(&mut self, _: &Secret) -> io::Result<()> {
        self.before += 1;
        Ok(())
    }

    fn after(&mut self, _: &Secret) -> io::Result<()> {
        self.after += 1;
        Ok(())
    }

    fn withdraw(&mut self) {
        self.withdrawn += 1;
    }
}

fn wish(stage: &Stage) -> Wish {
    Wish {
        user: "kim".to_owned(),
        path: "/people/".to_owned(),
        tags: Vec::new(),
        boundary: None,
        groups: vec!["dev".to_owned()],
        policies: vec![stage.reads()],
        guard: Variant::Strict,
        console: true,
        reset: false,
        break_glass: Vec::new(),
    }
}

/// Onboards with room for so many entries.
async fn onboard(stage: &Stage, room: usize, delivery: &mut Counting) -> End {
    let secret = Secret::new(stage.credentials.secret.clone());
    let access_key_id = stage.credentials.key.clone();
    let keys = Keys { access_key_id, secret_access_key: secret, session_token: None, expires: None };
    let endpoint_url = Some(stage.proxy.endpoint());
    let settings = Settings { keys: Some(keys), endpoint_url, ..Settings::default() };
    let hub = Hub::connect(settings).await.unwrap();
    let wish = wish(stage);
    let (found, site) = found::read(&hub, &wish, Guards::ours(true)).await.unwrap();
    let plan = plan::plan(&wish, &found).unwrap();
    let author = Author { run_id: "run-1".to_owned(), actor: None, at: portcullis::clock::now() };
    let ledger = Ledger::over(Box::new(Full { inner: MemoryStore::default(), room }), &author).unwrap();
    let run = Run {
        site: &site,
        wish: &wish,
        found: &found,
        journal: &Journal::new(ledger, "run-1", None, None),
        patience: Duration::from_secs(1),
        interrupted: &AtomicBool::new(false),
        say: &|_| {},
    };
    let password = Secret::new("Correct-horse-9-battery".to_owned());
    run.carry_out(&plan, Some(&password), delivery).await
}

#[test]
fn what_was_made_when_the_ledger_ended_is_named_and_nothing_more_is_done() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // Entry 1 begins the run; then each of the six changes has two, and the last ends it.
    for room in 0..=14 {
        let stage = Stage::moto();
        let mut delivery = Counting::default();
        let end = runtime.block_on(onboard(&stage, room, &mut delivery));
        // A change is made once its intent is written, whether or not its outcome can be.
        let made = room / 2;
        assert_eq!(stage.writes().len(), made.min(6), "{room}");
        let told = match end {
            End::Done => {
                assert_eq!((room, delivery.after), (14, 1));
                continue;
            }
            End::TakenBack(why) => {
                assert!(made == 0 && why.contains("the ledger could not be written"), "{room}: {why}");
                0
            }
            End::Left(why, left) if room == 13 => {
                assert!(left.is_empty() && why.starts_with("everything was done"), "{why}");
                continue;
            }
            End::Left(why, left) => {
                assert!(why.contains("the ledger could not be written"), "{room}: {why}");
                assert!(left.iter().all(|left| left.why.contains("it was not tried")), "{left:?}");
                assert_eq!(left.last().map(|left| &left.step), Some(&Step::MakeGuard));
                left.len()
            }
        };
        assert_eq!(told, made, "{room}");
        let is_set = made == 6;
        assert_eq!((delivery.after, delivery.withdrawn), (0, usize::from(!is_set)), "{room}");
        assert_eq!(stage.kim().is_some(), made >= 2, "{room}");
    }
}
