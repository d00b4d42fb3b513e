-- The payments of six publishers as invoice lines.
-- grain: line_id
{{ ledger('darlington', vendor='supplier', number='transaction_number', amount='net_amount', department='directorate', category='account',
  day="coalesce(transaction_date, try_cast(month || '-01' AS DATE))") }}
UNION ALL
{{ ledger('gla', vendor='vendor_name', number='document_no', amount='amount', department='directorate', category='account_description', day='clearing_date') }}
UNION ALL
{{ ledger('leeds', vendor='supplier_name', number='transaction_number', amount='net_amount', department='service_label', category='expenditure_type', day='date_paid') }}
UNION ALL
{{ ledger('manchester', vendor='supplier_name', number='transaction_number', amount='net_amount', department='service_area', category='expenses_type', day='paid_on') }}
UNION ALL
{{ ledger('network_rail', vendor='supplier_name', amount='spend', department='NULL', category='category_family', day='invoice_gl_date') }}
UNION ALL
{{ ledger('salford', vendor='supplier_name', number='document_number', amount='gross', department='directorate', category='ledger_description', day='paid_on') }}
