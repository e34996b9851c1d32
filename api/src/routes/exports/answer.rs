//! A table over the wire, or its manifest.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    exporting::{Asked, Question, Table},
    reading,
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpResponse, http::header, web};
use bytes::Bytes;
use futures_util::stream;

/// The table, once it is written down who takes it. It is read as fast as the client reads: one page is in memory.
///
/// A transfer that breaks off ends without the last chunk, which clients take for an error.
pub(super) async fn file(caller: &Caller, table: Table, asked: Asked, state: &web::Data<State>) -> Result<HttpResponse> {
    let giver = caller.staff(table.module())?.giver();
    let question = Question::of(state, giver.account, table, asked).await?;
    let export = question.answer(state).await.map_err(reading::problem)?;
    question.tell_streamed(state, &giver).await?;
    let chunks = stream::try_unfold(export, |mut export| async move {
        let chunk = export.next().await.map_err(reading::problem)?;
        Ok::<_, ApiError>(chunk.map(|chunk| (Bytes::from(chunk), export)))
    });
    Ok(HttpResponse::Ok()
        .content_type(question.media_type())
        .insert_header((POSITION, question.position.0))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", question.file_name())))
        .streaming(chunks))
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
pub(super) async fn manifest(caller: &Caller, table: Table, asked: Asked, state: &web::Data<State>) -> Result<HttpResponse> {
    let account = caller.staff(table.module())?.account;
    let question = Question::of(state, account, table, asked).await?;
    let manifest = question.check(state).await?;
    Ok(HttpResponse::Ok().insert_header((POSITION, question.position.0)).json(manifest))
}
