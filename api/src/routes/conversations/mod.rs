//! Conversations: what is said in them, what staff does with them, and how they are read.

mod messages;
mod read;
mod work;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this folder. Sending comes first: the router asks one after the other.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes
        .service(messages::send_message)
        .service(messages::share_file)
        .service(work::open_conversation)
        .service(work::set_conversation_status)
        .service(work::join_conversation)
        .service(work::leave_conversation)
        .service(work::set_note)
        .service(work::add_tag)
        .service(work::remove_tag)
        .service(work::set_expertise)
        .service(work::close_conversation)
        .service(work::rate_conversation)
        .service(read::list_messages)
        .service(read::list_conversations)
        .service(read::get_conversation)
        .service(read::get_conversation_history);
}
