-- The rows of all files as lines. A version that corrects another comes in the file of the month after.
CREATE OR REPLACE MACRO text_of(s) AS
  CASE WHEN s IS NULL THEN '' WHEN contains(s, ',') THEN concat('"', s, '"') ELSE s END;
CREATE OR REPLACE MACRO bounded(d) AS least(month_number(d), {{ var('months') }} - 1);

CREATE OR REPLACE TABLE invoice_versions AS
SELECT r.i, r.invoice_id, 1 AS version, r.invoice_number, r.document_type, r.credits, r.customer_id, r.order_id, r.invoice_date, r.due_on,
  CASE coalesce(p.kind, '') WHEN 'corrected' THEN money(r.cents * 10) WHEN 'bad_amount' THEN concat(money(r.cents), ' EUR?') ELSE money(r.cents) END AS amount,
  CASE coalesce(p.kind, '') WHEN 'other_currency' THEN 'USD' ELSE 'EUR' END AS currency, r.is_disputed, '' AS withdrawn, bounded(r.invoice_date) AS month_index
FROM invoice_rows AS r LEFT JOIN planted_invoices AS p ON p.i = r.i
UNION ALL
SELECT r.i, r.invoice_id, 2, r.invoice_number, r.document_type, r.credits, r.customer_id, r.order_id, r.invoice_date, r.due_on,
  money(r.cents), 'EUR', r.is_disputed, CASE p.kind WHEN 'withdrawn' THEN 'true' ELSE '' END, bounded(r.invoice_date + 31)
FROM invoice_rows AS r JOIN planted_invoices AS p ON p.i = r.i AND p.kind IN ('corrected', 'withdrawn')
UNION ALL
SELECT r.i, r.invoice_id, 1, r.invoice_number, r.document_type, r.credits, r.customer_id, r.order_id, r.invoice_date, r.due_on,
  money(r.cents), 'EUR', r.is_disputed, '', bounded(r.invoice_date + 31)
FROM invoice_rows AS r JOIN planted_invoices AS p ON p.i = r.i AND p.kind = 'twice'
UNION ALL
SELECT i, invoice_id, 1, invoice_number, document_type, credits, customer_id, order_id, invoice_date, invoice_date,
  money(cents), 'EUR', false, '', bounded(invoice_date)
FROM credit_rows;

CREATE OR REPLACE TABLE generated_lines AS
SELECT 0 AS file_index, 0 AS place, 'customer_id,effective_on,name,email,phone,tax_id,address,postcode,city,country,segment,marketing_consent,created_on' AS line
UNION ALL
SELECT 0, 1 + n, concat(customer_id, ',', created_on, ',', text_of(name), ',', text_of(email), ',', text_of(phone), ',', text_of(tax_id), ',',
  text_of(address), ',', text_of(postcode), ',', city, ',', country, ',', segment, ',', CAST(consents AS STRING), ',', created_on)
FROM customers
UNION ALL
SELECT 1, 0, 'refund_id,version,payment_id,refunded_on,amount,currency,reason,is_withdrawn'
UNION ALL
SELECT 1, 1 + i, concat(refund_id, ',1,', payment_id, ',', refunded_on, ',', money(cents), ',EUR,credited,') FROM refund_rows
UNION ALL
SELECT 2, 0, 'expense_id,version,posted_on,department,account,vendor,purchase_order,amount,currency,is_withdrawn'
UNION ALL
SELECT 2, 1 + id, concat('X', 10000 + id, ',1,', first_day + after_days, ',', department, ',', account, ',Vendor of ', account, ',',
  coalesce(purchase_order, ''), ',', money(cents), ',EUR,')
FROM cost_rows
UNION ALL
SELECT 3, 0, 'commitment_id,version,purchase_order,department,account,ordered_on,closed_on,amount,currency'
UNION ALL
SELECT 3, row_number() OVER (ORDER BY commitment_id), concat(commitment_id, ',1,', purchase_order, ',', department, ',', account, ',', ordered_on, ',',
  coalesce(CAST(closed_on AS STRING), ''), ',', money(cents), ',EUR')
FROM commitment_rows
UNION ALL
SELECT 4, 0, 'budget_line_id,version,fiscal_month,department,account,amount,currency'
UNION ALL
SELECT 4, row_number() OVER (ORDER BY budget_line_id), concat(budget_line_id, ',1,', fiscal_month, ',', department, ',', account, ',', money(cents), ',EUR')
FROM budget_rows
UNION ALL
SELECT 5, 0, 'period_start,account,version,opening,debit,credit,closing,currency'
UNION ALL
SELECT 5, row_number() OVER (ORDER BY first_day, account), concat(first_day, ',', account, ',1,', money(closing - debit + credit), ',', money(debit), ',',
  money(credit), ',', money(closing), ',EUR')
FROM balance_rows
UNION ALL
SELECT 6, 0, 'ticket_id,version,customer_id,opened_on,closed_on,category,priority,satisfaction,is_withdrawn'
UNION ALL
SELECT 6, row_number() OVER (ORDER BY ticket_id), concat(ticket_id, ',1,', customer_id, ',', opened_on, ',', coalesce(CAST(closed_on AS STRING), ''), ',',
  category, ',', priority, ',', coalesce(CAST(satisfaction AS STRING), ''), ',')
FROM ticket_rows
UNION ALL
SELECT 1000 + month_index, 0, 'order_line_id,version,order_id,customer_id,ordered_on,product,description,category,channel,quantity,unit_price,amount,currency,is_withdrawn' FROM months
UNION ALL
SELECT 1000 + month_number(ordered_on), 1 + i * 10 + k, concat(order_line_id, ',1,', order_id, ',', customer_id, ',', ordered_on, ',', product, ',',
  text_of(product_name), ',', category, ',', channel, ',', quantity, ',', money(price_cents), ',', money(cents), ',EUR,')
FROM order_rows
UNION ALL
SELECT 2000 + month_index, 0, 'invoice_id,version,invoice_number,document_type,credits_invoice_id,customer_id,order_id,invoice_date,due_on,amount,currency,is_disputed,is_withdrawn' FROM months
UNION ALL
SELECT 2000 + month_index, row_number() OVER (PARTITION BY month_index ORDER BY invoice_id, version, invoice_date),
  concat(invoice_id, ',', version, ',', invoice_number, ',', document_type, ',', text_of(credits), ',', customer_id, ',', order_id, ',', invoice_date, ',',
  due_on, ',', amount, ',', currency, ',', CAST(is_disputed AS STRING), ',', withdrawn)
FROM invoice_versions
UNION ALL
SELECT 3000 + month_index, 0, 'payment_id,attempt,version,customer_id,invoice_id,order_id,method,installments,attempted_on,status,settled_on,failure_reason,amount,currency,is_withdrawn' FROM months
UNION ALL
SELECT 3000 + bounded(attempted_on), 1 + (i * 4 + part) * 4 + attempt, concat(payment_id, ',', attempt, ',1,', customer_id, ',', text_of(invoice_id), ',,', method, ',', installments, ',',
  attempted_on, ',', status, ',', CASE WHEN status = 'settled' THEN CAST(settled_on AS STRING) ELSE '' END, ',',
  CASE WHEN status = 'failed' THEN CASE WHEN pick(i, 58, 2) = 0 THEN 'insufficient funds' ELSE 'declined' END ELSE '' END, ',', money(cents), ',EUR,')
FROM payment_rows
UNION ALL
SELECT 4000 + month_index, 0, 'line_id,version,journal_id,posted_on,account,department,amount,currency,document_id,memo,is_withdrawn' FROM months
UNION ALL
SELECT 4000 + month_index, row_number() OVER (PARTITION BY month_index ORDER BY line_id), concat(line_id, ',1,', journal_id, ',', posted_on, ',', account, ',', department, ',',
  money(cents), ',EUR,', document_id, ',', memo, ',')
FROM ledger_rows;
