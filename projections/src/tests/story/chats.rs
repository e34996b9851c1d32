//! Chats of a story: messages, hand-overs, notes and tags.

use super::{Chapter, Story};
use uuid::Uuid;
use vitrina_domain::{bot::Bot, conversation, conversation::ConversationEvent, event::Event, ids::*, personal::Personal, stream::Category};
use vitrina_eventlog::{Position, StreamId};

pub(super) struct Chat {
    account: AccountId,
    id: ConversationId,
    customer: CustomerId,
    open: bool,
    status: conversation::Status,
    joined: Vec<ShopperId>,
    tags: Vec<String>,
}

impl Chat {
    pub(super) fn is_of(&self, account: AccountId) -> bool {
        self.account == account
    }

    pub(super) fn id(&self) -> ConversationId {
        self.id
    }
}

impl Story {
    pub(super) fn new_chat(&mut self) -> Chapter {
        let index = self.draw(self.customers.len());
        let (account, customer) = self.customers[index];
        let id = ConversationId(self.id());
        let chat = Chat { account, id, customer, open: true, status: Default::default(), joined: Vec::new(), tags: Vec::new() };
        self.chats.push(chat);
        let opened = conversation::Opened {
            customer_id: customer,
            call_id: None,
            channel: "web".into(),
            language: None,
            country: Some("ES".into()),
            department: None,
            continues: None,
        };
        let message = self.message(conversation::Author::Customer(customer), customer);
        (StreamId::new(account, Category::Conversation, id), vec![ConversationEvent::Opened(opened).into(), message.into()])
    }

    /// A bot answers, hands over twice, and a shopper answers after it.
    pub(super) fn a_chat_with_a_bot(&self, head: Position) -> Chapter {
        let (account, customer_id) = self.customers[0];
        let shopper_id = self.shoppers.iter().find(|(of, ..)| *of == account).map_or(ShopperId(customer_id.0), |(_, id, _)| *id);
        let id = |number: u128| Uuid::from_u128((number << 64) | head.0 as u128);
        let bot_id = ApiKeyId(id(1));
        let opened = opened(customer_id);
        let says = |number, author| said(MessageId(id(number)), author, customer_id);
        let bot = Bot { name: "Lumi".into(), image: None };
        let handed =
            conversation::HandedOff { from: None, bot_id: Some(bot_id), to: conversation::Recipient::Shopper(shopper_id), note: None };
        let events = [
            ConversationEvent::Opened(opened),
            says(2, conversation::Author::Customer(customer_id)),
            ConversationEvent::BotJoined(conversation::BotJoined { bot_id, bot }),
            says(3, conversation::Author::Bot(bot_id)),
            says(4, conversation::Author::Customer(customer_id)),
            ConversationEvent::HandedOff(handed.clone()),
            ConversationEvent::HandedOff(handed),
            ConversationEvent::AgentJoined(conversation::AgentJoined { shopper_id }),
            says(5, conversation::Author::Bot(bot_id)),
            says(6, conversation::Author::Shopper(shopper_id)),
        ];
        (StreamId::new(account, Category::Conversation, id(7)), events.into_iter().map(Event::from).collect())
    }

    fn message(&mut self, author: conversation::Author, customer: CustomerId) -> ConversationEvent {
        let visibility = if self.draw(10) == 0 && !matches!(author, conversation::Author::Customer(_)) {
            conversation::Visibility::Internal
        } else {
            conversation::Visibility::Public
        };
        let body = Personal::known(customer, format!("Hola, ¿qué tal? {}", self.draw(1000)));
        ConversationEvent::MessageSent(conversation::MessageSent {
            message_id: MessageId(self.id()),
            author,
            body,
            visibility,
            mentions: vec![],
            template: None,
        })
    }

    pub(super) fn chat_goes_on(&mut self) -> Chapter {
        let index = self.draw(self.chats.len());
        let (account, customer, choice) = (self.chats[index].account, self.chats[index].customer, self.draw(20));
        let shopper = self.some_shopper(account);
        let by_customer = self.message(conversation::Author::Customer(customer), customer);
        let by_shopper = shopper.map(|id| self.message(conversation::Author::Shopper(id), customer));
        let (file_id, number) = (FileId(self.id()), self.draw(5));
        let chat = &mut self.chats[index];
        let stream = StreamId::new(account, Category::Conversation, chat.id);
        let note = || ConversationEvent::NoteSet(conversation::NoteSet { text: Personal::known(customer, format!("note {number}")) });
        let event = match (chat.open, choice, shopper) {
            (false, ..) => note(),
            (true, 0, _) => {
                chat.open = false;
                ConversationEvent::Closed(conversation::Closed {
                    reason: conversation::CloseReason::ByShopper,
                    outcome: conversation::Outcome::Success,
                    agent_replied: true,
                })
            }
            (true, 1, _) => {
                use conversation::Status::*;
                let (from, to) = (chat.status, [InProgress, WaitingCustomer, NeedHelp][number % 3]);
                chat.status = to;
                ConversationEvent::StatusChanged(conversation::StatusChanged { from, to, cause: conversation::StatusCause::Manual })
            }
            (true, 2, Some(shopper_id)) if !chat.joined.contains(&shopper_id) => {
                chat.joined.push(shopper_id);
                ConversationEvent::AgentJoined(conversation::AgentJoined { shopper_id })
            }
            (true, 3, _) if !chat.joined.is_empty() => {
                let shopper_id = chat.joined.remove(0);
                ConversationEvent::AgentLeft(conversation::AgentLeft { shopper_id })
            }
            (true, 4, _) => note(),
            (true, 5, _) => match chat.tags.pop() {
                Some(tag) => ConversationEvent::TagRemoved(conversation::Tagged { tag }),
                None => {
                    chat.tags.push(format!("t{number}"));
                    ConversationEvent::TagAdded(conversation::Tagged { tag: format!("t{number}") })
                }
            },
            (true, 6, _) => ConversationEvent::FileShared(conversation::FileShared {
                file_id,
                author: conversation::Author::Customer(customer),
                name: Personal::known(customer, "a.png".into()),
                media_type: "image/png".into(),
                bytes: 42,
                sha256: "0".repeat(64),
                url: Personal::known(customer, "https://example.com/a.png".into()),
            }),
            (true, 7, Some(to)) if !chat.joined.is_empty() && !chat.joined.contains(&to) => {
                let from = chat.joined.remove(0);
                chat.joined.push(to);
                let to_colleague = conversation::Recipient::Shopper(to);
                let note = Some(Personal::known(customer, format!("hand-over {number}")));
                let events = [
                    ConversationEvent::HandedOff(conversation::HandedOff { from: Some(from), bot_id: None, to: to_colleague, note }),
                    ConversationEvent::AgentJoined(conversation::AgentJoined { shopper_id: to }),
                    ConversationEvent::AgentLeft(conversation::AgentLeft { shopper_id: from }),
                ];
                return (stream, events.into_iter().map(Event::from).collect());
            }
            (true, 8, _) => {
                let department = (number > 0).then(|| format!("d{}", number % 2));
                ConversationEvent::DepartmentSet(conversation::DepartmentSet { department })
            }
            (true, 9, _) => ConversationEvent::ExpertiseSet(conversation::ExpertiseSet { expertise: vec![format!("e{number}")] }),
            (true, 10, _) => ConversationEvent::PrioritySet(conversation::PrioritySet { priority: number as i32 }),
            (true, 11..14, _) => by_customer,
            _ => by_shopper.unwrap_or(by_customer),
        };
        (stream, vec![event.into()])
    }
}

/// How a customer begins a chat in the widget.
pub(super) fn opened(customer_id: CustomerId) -> conversation::Opened {
    conversation::Opened {
        customer_id,
        call_id: None,
        channel: "web".into(),
        language: None,
        country: None,
        department: None,
        continues: None,
    }
}

/// What everybody in the chat reads.
pub(super) fn said(message_id: MessageId, author: conversation::Author, customer_id: CustomerId) -> ConversationEvent {
    ConversationEvent::MessageSent(conversation::MessageSent {
        message_id,
        author,
        body: Personal::known(customer_id, "Hola".into()),
        visibility: conversation::Visibility::Public,
        mentions: vec![],
        template: None,
    })
}
