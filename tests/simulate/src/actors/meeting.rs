//! The media of a call: both come, whatever held them up; they mute, share, leave and come back; a colleague looks in; in the end
//! one after the other goes, or the call's end sends them away. Everybody waits until they really get what the others send.

use super::{
    floor::Floor,
    presence::{GONE_OUT_WITHIN, OFF_FOR, Person, Presence, recorded},
};
use crate::{
    books::{Subject, VisitBook},
    client::{Client, Fault, Written},
    media::{Attendance, Connection, Failed, Flow, MeetingBook, Side, Source, Window},
    plan::{Hitch, Leaving, Meeting},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::SemaphorePermit, time::sleep};
use uuid::Uuid;

/// Longest wait for media to be connected: a node gives an offer up after about as long.
const CONNECTED_WITHIN: Duration = Duration::from_secs(15);
/// An offer that nobody can answer.
const NO_OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
/// What comes from everybody.
const VOICE_AND_FACE: [Source; 2] = [Source::Microphone, Source::Camera];

/// The media of a call that goes on.
pub(super) struct Met<'a> {
    floor: &'a Floor,
    call: Uuid,
    here: Vec<Presence>,
    book: MeetingBook,
    /// So many calls have media at once, and no more.
    _place: SemaphorePermit<'a>,
}

/// Lets both come and do what the plan says; `None` on a day without media.
pub(super) async fn play<'a>(floor: &'a Floor, plan: &Meeting, call: Uuid, people: [Person; 2], book: &mut VisitBook) -> Option<Met<'a>> {
    let place = floor.media_places.as_ref()?.acquire().await.expect("nobody closes it");
    let mut met = Met { floor, call, here: Vec::new(), book: MeetingBook::default(), _place: place };
    if let Err(fault) = met.all(plan, people, book).await {
        book.faults.push(format!("visit {}, media: {fault}", book.number));
    }
    Some(met)
}

impl Met<'_> {
    async fn all(&mut self, plan: &Meeting, [customer, shopper]: [Person; 2], book: &mut VisitBook) -> Result<(), Fault> {
        self.consents(&customer.client, book).await?;
        let (mut at_first, mut at_second) = (Vec::new(), Vec::new());
        let both = tokio::join!(
            self.comes(&customer, plan.customer.held_up, &mut at_first),
            self.comes(&shopper, plan.shopper.held_up, &mut at_second)
        );
        self.book.failures.extend(at_first.into_iter().chain(at_second));
        self.here.extend([both.0?, both.1?]);
        self.everybody_hears().await?;
        self.turns(plan).await?;
        if plan.shares_screen {
            self.shares().await?;
        }
        if plan.colleague_comes {
            self.colleague_comes(&shopper.client, book).await?;
        }
        for (side, part) in [(Side::Customer, &plan.customer), (Side::Shopper, &plan.shopper)] {
            if part.comes_back {
                self.comes_back(side).await?;
            }
        }
        sleep(Duration::from_secs(plan.stays_s.into())).await;
        for (side, part) in [(Side::Customer, &plan.customer), (Side::Shopper, &plan.shopper)] {
            if part.stays_muted {
                let one = self.of(side)?;
                one.turns(Source::Microphone, "muted", "media.mic_muted").await?;
                one.attendance.muted.insert(Source::Microphone);
            }
            match part.leaving {
                Leaving::First => self.leaves(side).await?,
                Leaving::WithoutAWord => self.closes(side).await?,
                Leaving::WithTheCall => {}
            }
        }
        Ok(())
    }

    /// The customer consents, where the shop wants it.
    async fn consents(&self, customer: &Client, book: &mut VisitBook) -> Result<(), Fault> {
        let path = format!("/v1/calls/{}/consent", self.call);
        let asked_for = customer.get(&format!("{path}?at_least={}", book.position)).await?;
        if asked_for["is_required"] == true {
            let body = json!({ "text_version": asked_for["text_version"], "locale": asked_for["locale"] });
            book.promised(Subject::Call, &["consent.given"], &customer.post(&path, &body).await?.json()?);
        }
        Ok(())
    }

    /// Somebody comes, at the second try when something holds them up.
    async fn comes(&self, person: &Person, held_up: Option<Hitch>, failures: &mut Vec<Failed>) -> Result<Presence, Fault> {
        if let Some(hitch) = held_up {
            failures.push(self.fails(person, hitch).await?);
        }
        let (id, asked) = (Uuid::now_v7(), Utc::now());
        let (connection, offer) = Connection::offer(id, person.side, person.client.servers().address(0)).await?;
        let connection = Arc::new(connection);
        let answer = person.client.post_sdp(&self.door(id, person), &offer).await?;
        connection.accept(answer.text()).await?;
        connection.connected(CONNECTED_WITHIN).await?;
        let mut attendance = Attendance {
            id,
            who: person.who,
            side: person.side,
            device: person.device,
            joined: Window::since(asked),
            left: None,
            reason: "client_initiated",
            published: BTreeSet::from(VOICE_AND_FACE),
            muted: BTreeSet::new(),
            events: BTreeMap::from([("media.participant_joined", 1)]),
            expected: BTreeSet::new(),
            received: Default::default(),
        };
        VOICE_AND_FACE.iter().for_each(|_| attendance.leads_to("media.track_published"));
        Ok(Presence { call: self.call, person: person.clone(), connection, attendance })
    }

    async fn fails(&self, person: &Person, hitch: Hitch) -> Result<Failed, Fault> {
        let (id, asked, reason) = (Uuid::now_v7(), Utc::now(), hitch.reason());
        match hitch {
            Hitch::BadOffer => match person.client.post_sdp(&self.door(id, person), NO_OFFER).await {
                Err(Fault::Refused { status: 400..500, .. }) => {}
                Err(fault) => return Err(fault),
                Ok(_) => return Err(Fault::Media("an offer of nothing was answered".to_owned())),
            },
            Hitch::NoWay => {
                let (connection, offer) = Connection::offer(id, person.side, person.client.servers().address(0)).await?;
                person.client.post_sdp(&self.door(id, person), &offer).await?;
                connection.close().await;
                recorded(&person.client, self.call, id, "failed_at").await?;
            }
            Hitch::PermissionDenied | Hitch::DeviceMissing | Hitch::DeviceInUse => {
                let body = json!({ "participant": id, "reason": reason, "detail": "as the plan of the day has it" });
                person.client.post(&format!("/v1/calls/{}/media/failures", self.call), &body).await?;
            }
        }
        Ok(Failed { id, who: person.who, reason, at: Window::since(asked) })
    }

    fn door(&self, id: Uuid, person: &Person) -> String {
        format!("/v1/calls/{}/media?participant={id}&device={}", self.call, person.device)
    }

    /// Everybody waits for the voice and the face of everybody else whom they have not heard yet.
    async fn everybody_hears(&mut self) -> Result<(), Fault> {
        let ids: Vec<Uuid> = self.here.iter().map(|one| one.attendance.id).collect();
        for one in &mut self.here {
            let own = one.attendance.id;
            for from in ids.iter().filter(|id| **id != own) {
                for source in VOICE_AND_FACE {
                    one.hears(*from, source).await?;
                }
            }
        }
        Ok(())
    }

    /// Both do what they do with their tracks, side by side.
    async fn turns(&mut self, plan: &Meeting) -> Result<(), Fault> {
        let [customer, shopper] = &mut self.here[..] else { return Err(nobody()) };
        let ears = (customer.connection.clone(), shopper.connection.clone());
        let (one, other) = tokio::join!(customer.does(&plan.customer, &ears.1), shopper.does(&plan.shopper, &ears.0));
        one.and(other)
    }

    /// The shopper shares a screen for a while.
    async fn shares(&mut self) -> Result<(), Fault> {
        let [customer, shopper] = &mut self.here[..] else { return Err(nobody()) };
        shopper.connection.send(Source::Screen, Some(Flow::On));
        customer.hears(shopper.attendance.id, Source::Screen).await?;
        sleep(OFF_FOR).await;
        shopper.connection.send(Source::Screen, None);
        sleep(GONE_OUT_WITHIN).await;
        shopper.turns(Source::Screen, "off", "media.screen_share_stopped").await?;
        shopper.attendance.published.insert(Source::Screen);
        for kind in ["media.track_published", "media.screen_share_started", "media.track_unpublished"] {
            shopper.attendance.leads_to(kind);
        }
        Ok(())
    }

    /// A colleague is asked in, looks in and goes.
    async fn colleague_comes(&mut self, shopper: &Client, book: &mut VisitBook) -> Result<(), Fault> {
        let colleague = self.floor.colleagues.next().await;
        let (who, client) = (colleague.shopper.id, colleague.shopper.client.clone());
        let invited: Written = shopper.post(&format!("/v1/calls/{}/invite", self.call), &json!({ "shopper_id": who })).await?.json()?;
        book.promised(Subject::Call, &["call.participant_invited"], &invited);
        book.invited.push(who);
        book.takes_part(who);
        let visitor =
            self.comes(&Person { who, side: Side::Shopper, device: "desktop", client: client.clone() }, None, &mut Vec::new()).await?;
        self.here.push(visitor);
        self.everybody_hears().await?;
        let visitor = self.here.pop().ok_or_else(nobody)?;
        self.goes(visitor).await?;
        let conversation = book.conversation_id.ok_or_else(nobody)?;
        let left: Written = client.post(&format!("/v1/conversations/{conversation}/leave"), &json!({})).await?.json()?;
        book.promised(Subject::Conversation, &["conversation.agent_left"], &left);
        Ok(())
    }

    /// Coming back is another presence.
    async fn comes_back(&mut self, side: Side) -> Result<(), Fault> {
        let at = self.place(side)?;
        let gone = self.here.remove(at);
        let person = gone.person.clone();
        self.goes(gone).await?;
        let back = self.comes(&person, None, &mut Vec::new()).await?;
        self.here.insert(at, back);
        self.everybody_hears().await
    }

    async fn leaves(&mut self, side: Side) -> Result<(), Fault> {
        let at = self.place(side)?;
        let gone = self.here.remove(at);
        self.goes(gone).await
    }

    /// Somebody goes and says so.
    async fn goes(&mut self, mut one: Presence) -> Result<(), Fault> {
        let asked = Utc::now();
        let path = format!("/v1/calls/{}/media/{}", self.call, one.attendance.id);
        let left = one.person.client.send("DELETE", &path, None).await.and_then(|answer| answer.good().map(drop));
        one.attendance.left = left.is_ok().then(|| Window::since(asked));
        self.is_over(one).await;
        left
    }

    /// Somebody closes the page: the connection says so, and nobody else.
    async fn closes(&mut self, side: Side) -> Result<(), Fault> {
        let at = self.place(side)?;
        let mut gone = self.here.remove(at);
        let asked = Utc::now();
        gone.connection.close().await;
        let told = recorded(&gone.person.client, self.call, gone.attendance.id, "left_at").await;
        gone.attendance.left = told.is_ok().then(|| Window::since(asked));
        self.is_over(gone).await;
        told
    }

    async fn is_over(&mut self, mut one: Presence) {
        one.attendance.received = one.connection.close().await;
        one.attendance.leads_to("media.participant_left");
        self.book.attendances.push(one.attendance);
    }

    /// The call's end, asked for at this moment, sends away whoever is still there. Gives the book.
    pub(super) async fn end(mut self, asked: DateTime<Utc>, book: &mut VisitBook) {
        for mut one in std::mem::take(&mut self.here) {
            match recorded(&one.person.client, self.call, one.attendance.id, "left_at").await {
                Ok(()) => one.attendance.left = Some(Window::since(asked)),
                Err(fault) => book.faults.push(format!("visit {}, media: {fault}", book.number)),
            }
            one.attendance.reason = "room_closed";
            self.is_over(one).await;
        }
        book.meeting = Some(self.book);
    }

    fn place(&self, side: Side) -> Result<usize, Fault> {
        self.here.iter().position(|one| one.person.side == side).ok_or_else(nobody)
    }

    fn of(&mut self, side: Side) -> Result<&mut Presence, Fault> {
        let at = self.place(side)?;
        self.here.get_mut(at).ok_or_else(nobody)
    }
}

fn nobody() -> Fault {
    Fault::Media("whoever was to do it is not there".to_owned())
}
