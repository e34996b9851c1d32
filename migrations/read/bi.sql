-- For people and their tools: the read models with typed columns, on PostgreSQL only. Ids are uuid, times are timestamptz,
-- truth values are boolean; only what is valid now is shown. Made anew whenever a table changes its shape.
CREATE SCHEMA IF NOT EXISTS bi;

-- Microseconds since 1970 as an instant, exact.
CREATE OR REPLACE FUNCTION bi.instant(micros BIGINT) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT 'epoch'::timestamptz + micros * interval '1 microsecond' $$;

CREATE OR REPLACE VIEW bi.calls AS
SELECT encode(account_id, 'hex')::uuid AS account_id,
       encode(call_id, 'hex')::uuid AS call_id,
       status,
       outcome,
       origin,
       encode(customer_id, 'hex')::uuid AS customer_id,
       encode(conversation_id, 'hex')::uuid AS conversation_id,
       encode(shopper_id, 'hex')::uuid AS shopper_id,
       participants::jsonb AS participants,
       product::jsonb AS product,
       platform,
       device,
       language,
       country,
       collections::jsonb AS collections,
       priority,
       bi.instant(created_at) AS created_at,
       bi.instant(scheduled_from) AS scheduled_from,
       bi.instant(scheduled_to) AS scheduled_to,
       bi.instant(first_queued_at) AS first_queued_at,
       bi.instant(claimed_at) AS claimed_at,
       bi.instant(started_at) AS started_at,
       bi.instant(ended_at) AS ended_at,
       bi.instant(closed_at) AS closed_at,
       (waited_us / 1000000.0)::numeric(14, 3) AS waited_seconds,
       ((ended_at - started_at) / 1000000.0)::numeric(14, 3) AS live_seconds,
       end_reason,
       cancel_reason,
       products_shown,
       rated = 1 AS rated,
       environment
FROM views.calls
WHERE to_position = 9223372036854775807;

CREATE OR REPLACE VIEW bi.conversations AS
SELECT encode(account_id, 'hex')::uuid AS account_id,
       encode(conversation_id, 'hex')::uuid AS conversation_id,
       encode(call_id, 'hex')::uuid AS call_id,
       encode(customer_id, 'hex')::uuid AS customer_id,
       status,
       outcome,
       channel,
       language,
       country,
       participants::jsonb AS participants,
       tags::jsonb AS tags,
       expertise::jsonb AS expertise,
       bi.instant(opened_at) AS opened_at,
       bi.instant(closed_at) AS closed_at,
       close_reason,
       agent_replied = 1 AS agent_replied,
       rated = 1 AS rated,
       environment
FROM views.conversations
WHERE to_position = 9223372036854775807;

CREATE OR REPLACE VIEW bi.messages AS
SELECT encode(account_id, 'hex')::uuid AS account_id,
       encode(conversation_id, 'hex')::uuid AS conversation_id,
       position,
       seq,
       kind,
       encode(message_id, 'hex')::uuid AS message_id,
       author_kind,
       encode(author_id, 'hex')::uuid AS author_id,
       visibility,
       body,
       media_type,
       bytes,
       bi.instant(sent_at) AS sent_at
FROM views.messages;

CREATE OR REPLACE VIEW bi.ratings AS
SELECT encode(account_id, 'hex')::uuid AS account_id,
       encode(answer_id, 'hex')::uuid AS answer_id,
       encode(call_id, 'hex')::uuid AS call_id,
       encode(conversation_id, 'hex')::uuid AS conversation_id,
       encode(shopper_id, 'hex')::uuid AS shopper_id,
       nps,
       face,
       csat,
       comment,
       bi.instant(answered_at) AS answered_at,
       environment
FROM views.ratings
WHERE superseded_position = 9223372036854775807;

CREATE OR REPLACE VIEW bi.shoppers AS
SELECT encode(account_id, 'hex')::uuid AS account_id,
       encode(shopper_id, 'hex')::uuid AS shopper_id,
       name,
       email,
       phone,
       chat_name,
       languages::jsonb AS languages,
       expertise::jsonb AS expertise,
       collections::jsonb AS collections,
       max_concurrent,
       status,
       status_cause,
       bi.instant(status_since) AS status_since,
       bi.instant(created_at) AS created_at,
       deleted = 1 AS deleted,
       country
FROM views.shoppers
WHERE to_position = 9223372036854775807;

CREATE OR REPLACE VIEW bi.customers AS
SELECT encode(account_id, 'hex')::uuid AS account_id,
       encode(customer_id, 'hex')::uuid AS customer_id,
       external_id,
       name,
       email,
       phone,
       language,
       country,
       segment,
       company,
       bi.instant(created_at) AS created_at
FROM views.customers
WHERE to_position = 9223372036854775807;

CREATE OR REPLACE VIEW bi.cart_lines AS
SELECT encode(account_id, 'hex')::uuid AS account_id,
       encode(call_id, 'hex')::uuid AS call_id,
       cart_id,
       sku,
       quantity,
       unit_amount AS unit_amount_minor,
       currency,
       bi.instant(added_at) AS added_at
FROM views.cart_lines
WHERE to_position = 9223372036854775807;
