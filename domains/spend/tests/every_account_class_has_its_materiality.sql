-- Without limits nothing of a class would ever be material: seeds/materiality.csv names each.
SELECT c.account_class
FROM (SELECT DISTINCT account_class FROM accounts) AS c
LEFT JOIN materiality AS m ON m.account_class = c.account_class
WHERE m.account_class IS NULL
