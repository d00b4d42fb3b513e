-- title: Net flow by both rules
-- description: amount_signed by the literal rule and by accounts, by type of transaction; what differs is the other leg of transfers, refunds, and payments that pay debts.
-- parameter: from day = 1900-01-01; First day
-- parameter: to day = 9999-12-31; Last day
SELECT transaction_type, flow, currency, sum(transactions) AS transactions, sum(literal_amount_signed) AS literal_amount_signed,
  sum(amount_signed) AS amount_signed, sum(net_flow) AS net_flow
FROM daily_volume
WHERE dt BETWEEN CAST($from AS DATE) AND CAST($to AS DATE)
GROUP BY transaction_type, flow, currency
ORDER BY transaction_type, flow, currency
