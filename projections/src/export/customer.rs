//! What is known of a row's customer at the position $2: the columns `k_…` of a join.

/// Joins the customer of a table with the columns `account_id` and `customer_id`.
pub(super) const JOINED: &str =
    "LEFT JOIN (SELECT account_id AS k_account, customer_id AS k_customer, from_position AS k_from, to_position AS k_to,
                       external_id AS k_external, name AS k_name, email AS k_email, phone AS k_phone, company AS k_company, address AS k_address,
                       search AS k_search
                  FROM customers) AS k
       ON k_account = account_id AND k_customer = customer_id AND k_from <= $2 AND k_to > $2";
