//! Conversations: what is said in them, what staff does with them, and how they are read.

mod attendance;
mod files;
mod messages;
mod opening;
mod panel;
mod read;
mod sla;
mod view;
mod work;

pub(super) use read::answer;
pub(super) use view::{ConversationView, Viewer};

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this folder. Sending comes first: the router asks one after the other.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(messages::send_message)
        .service(files::share_file)
        .service(files::get_file)
        .service(opening::open_conversation)
        .service(work::set_conversation_status)
        .service(attendance::claim_conversation)
        .service(attendance::join_conversation)
        .service(attendance::leave_conversation)
        .service(attendance::hand_over_conversation)
        .service(work::set_note)
        .service(work::add_tag)
        .service(work::remove_tag)
        .service(work::set_expertise)
        .service(work::set_department)
        .service(work::set_priority)
        .service(work::close_conversation)
        .service(work::rate_conversation)
        .service(work::send_survey)
        .service(read::list_messages)
        .service(read::list_conversations)
        .service(read::get_conversation)
        .service(panel::get_panel)
        .service(read::get_conversation_routing)
        .service(read::get_conversation_history);
}
