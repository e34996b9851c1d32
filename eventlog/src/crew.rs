//! A crew: a fixed number of threads for blocking work, each with a member (a connection) of its own.
//!
//! Not the runtime's threads for blocking work: every runtime, and each HTTP worker is one, has hundreds of them. A burst of
//! short reads starts one for each, and every thread keeps memory of its own in the allocator: 0.7 MB, measured. The member
//! that worked last works next, so that what it has in its caches is used and under light load the others are never woken.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How long work waits for a member.
pub const WAIT_MAX: Duration = Duration::from_secs(10);

/// Why work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CrewError {
    /// Every member was at work all the time.
    #[error("no reader was free within {} s", WAIT_MAX.as_secs())]
    Busy,
    /// The work panicked.
    #[error("a reader stopped in the middle of its work")]
    Panicked,
}

/// Threads at rest wait at their seats; the last one to sit down is the first one to work.
pub struct Crew<T> {
    seats: Arc<Mutex<Vec<Seat<T>>>>,
    places: Arc<Semaphore>,
}

/// The way to a thread. It travels with the work, so that a thread ends when its seat is dropped.
type Seat<T> = mpsc::Sender<Task<T>>;

struct Task<T> {
    work: Box<dyn FnOnce(&mut T) + Send>,
    seat: Seat<T>,
    _place: OwnedSemaphorePermit,
}

impl<T: Send + 'static> Crew<T> {
    /// Starts a thread for each member.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(name: &str, members: Vec<T>) -> io::Result<Self> {
        let places = Arc::new(Semaphore::new(members.len()));
        let seats: Arc<Mutex<Vec<Seat<T>>>> = Arc::default();
        for member in members {
            let (seat, tasks) = mpsc::channel();
            let back = Arc::clone(&seats);
            std::thread::Builder::new().name(name.to_owned()).spawn(move || serve(member, &tasks, &back))?;
            sit_down(&seats, seat);
        }
        Ok(Self { seats, places })
    }

    /// Does the work on a thread that is free. Work that has begun is done to its end, even when nobody waits for it any more.
    ///
    /// # Errors
    /// [`CrewError::Busy`] and [`CrewError::Panicked`].
    pub async fn run<R: Send + 'static>(&self, work: impl FnOnce(&mut T) -> R + Send + 'static) -> Result<R, CrewError> {
        let waiting = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.places).acquire_owned()).await;
        let place = waiting.map_err(|_| CrewError::Busy)?.expect("the places are never closed");
        let seat = self.seats.lock().unwrap_or_else(PoisonError::into_inner).pop().expect("who has a place finds a seat");
        let (answer, done) = oneshot::channel();
        let work = Box::new(move |member: &mut T| {
            // Whoever asked may have gone away.
            let _ = answer.send(work(member));
        });
        let thread = seat.clone();
        thread.send(Task { work, seat, _place: place }).expect("a thread that has a seat listens");
        done.await.map_err(|_| CrewError::Panicked)
    }
}

fn serve<T>(mut member: T, tasks: &mpsc::Receiver<Task<T>>, seats: &Mutex<Vec<Seat<T>>>) {
    while let Ok(Task { work, seat, _place }) = tasks.recv() {
        // A panic is the work's: the hook has told it, and whoever asked learns of it by the answer that does not come.
        let _ = catch_unwind(AssertUnwindSafe(|| work(&mut member)));
        sit_down(seats, seat);
    }
}

fn sit_down<T>(seats: &Mutex<Vec<Seat<T>>>, seat: Seat<T>) {
    seats.lock().unwrap_or_else(PoisonError::into_inner).push(seat);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::{self, ThreadId};

    #[tokio::test]
    async fn there_are_as_many_threads_as_members_whatever_the_burst() {
        let crew = Arc::new(Crew::start("crew", vec![(), ()]).expect("threads"));
        let burst = (0..200).map(|_| {
            let crew = Arc::clone(&crew);
            tokio::spawn(async move { crew.run(|()| thread::current().id()).await.expect("work is done") })
        });
        let mut threads: Vec<ThreadId> = Vec::new();
        for one in burst.collect::<Vec<_>>() {
            threads.push(one.await.expect("no panic"));
        }
        threads.sort_by_key(|id| format!("{id:?}"));
        threads.dedup();
        assert!(threads.len() <= 2, "{threads:?}");
    }

    #[tokio::test]
    async fn work_that_panics_is_told_and_costs_no_member() {
        let crew = Crew::start("crew", vec![7]).expect("a thread");
        for _ in 0..3 {
            assert_eq!(crew.run(|_| panic!("as it should")).await.map(|()| 0), Err(CrewError::Panicked));
            assert_eq!(crew.run(|member| *member).await, Ok(7));
        }
    }

    #[tokio::test]
    async fn work_is_done_to_its_end_when_nobody_waits_any_more() {
        let crew = Crew::start("crew", vec![Vec::new()]).expect("a thread");
        let (begin, begins) = mpsc::channel::<()>();
        let asked = crew.run(move |done: &mut Vec<i32>| {
            let _ = begins.recv();
            done.push(1);
        });
        assert!(tokio::time::timeout(Duration::from_millis(1), asked).await.is_err());
        begin.send(()).expect("it waits");
        assert_eq!(crew.run(|done| done.clone()).await, Ok(vec![1]));
    }
}
