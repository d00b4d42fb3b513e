-- Customers with what is known of them. Some came twice under another number; some share a mailbox
-- of their company and are not the same.
CREATE OR REPLACE TABLE name_words AS
SELECT
  ['Anna','Ben','Clara','David','Emma','Felix','Greta','Hugo','Ida','Jonas','Karla','Leo','Mia','Noah',
   'Olivia','Paul','Rosa','Simon','Tara','Victor'] AS given_names,
  ['Albrecht','Baker','Carter','Dietrich','Engel','Foster','Gruber','Hartmann','Ingram','Jansen','Keller',
   'Lorenz','Miller','Novak','Otto','Parker','Richter','Schmidt','Turner','Vogel','Walker','Young','Ziegler'] AS family_names,
  ['Alder','Amber','Apex','Basalt','Beacon','Birch','Borealis','Calder','Cedar','Cobalt','Corvus','Eifel','Elbe',
   'Falken','Fjord','Garnet','Hanse','Harz','Helios','Isar','Juniper','Kestrel','Linden','Lumen','Marlin','Mosel',
   'Nimbus','Onyx','Orion','Pegasus','Quarz','Rhein','Saale','Sierra','Taunus','Topas','Ulmen','Vega','Weser','Zenit'] AS firsts,
  ['Studio','Works','Trading','Consulting','Media','Handel','Systems','Partners','Group','Labs'] AS lasts,
  ['Haupt','Garten','Bahnhof','Schul','Linden','Berg','Kirch','Markt','Ring','Park','Wald','See'] AS streets,
  ['Berlin','Hamburg','Munich','Cologne','Leipzig','Vienna','Zurich','Graz'] AS cities;

CREATE OR REPLACE TABLE customers AS
WITH base AS (
  SELECT
    CAST(c AS BIGINT) AS n,
    pick(c, 1, 5) < 2 AS is_business,
    name_words.given_names[1 + pick(c, 2, 20)] AS given,
    name_words.family_names[1 + pick(c, 3, 23)] AS family,
    concat(name_words.firsts[1 + c * 7 % 40], ' ', name_words.lasts[1 + c // 40 % 10],
      CASE WHEN c >= 400 THEN concat(' ', c // 400) ELSE '' END) AS company,
    concat(name_words.streets[1 + pick(c, 4, 12)], 'strasse ', 1 + pick(c, 5, 180)) AS address,
    CAST(10000 + pick(c, 6, 89999) AS STRING) AS postcode,
    name_words.cities[1 + pick(c, 7, 8)] AS city,
    CASE WHEN pick(c, 7, 8) < 5 THEN 'DE' WHEN pick(c, 7, 8) = 6 THEN 'CH' ELSE 'AT' END AS country,
    -- 0 pays in time, 1 some days late, 2 weeks late.
    CASE WHEN pick(c, 8, 10) < 6 THEN 0 WHEN pick(c, 8, 10) < 9 THEN 1 ELSE 2 END AS habit,
    pick(c, 9, 4) > 0 AS consents,
    pick(c, 10, 400) AS created_before
  FROM range(0, (SELECT customers FROM sizes)) AS t(c), name_words
)
SELECT
  n,
  concat('C', 10000 + n) AS customer_id,
  is_business,
  CASE WHEN is_business THEN concat(company, ' GmbH') ELSE concat(given, ' ', family) END AS name,
  CASE WHEN is_business
    THEN concat(CASE WHEN pick(n, 11, 3) = 0 THEN 'info' ELSE lower(given) END, '@', lower(replace(company, ' ', '-')), '.example')
    ELSE concat(lower(given), '.', lower(family), n, '@mail.example') END AS email,
  concat('+49 30 ', 1000000 + chance(n, 12) % 8999999) AS phone,
  CASE WHEN is_business THEN concat('DE', 100000000 + chance(n, 13) % 899999999) END AS tax_id,
  address, postcode, city, country,
  CASE WHEN is_business THEN CASE WHEN pick(n, 14, 5) = 0 THEN 'enterprise' ELSE 'business' END ELSE 'consumer' END AS segment,
  habit, consents,
  day_of(-created_before) AS created_on,
  CAST(NULL AS BIGINT) AS twin_of,
  '' AS twin_kind
FROM base;

-- The same customer again under another number: by mailbox, telephone, address, or tax id.
CREATE OR REPLACE TABLE twins AS
WITH places AS (
  SELECT place, ['email', 'phone', 'address', 'tax'][1 + place % 4] AS twin_kind, place // 4 AS turn
  FROM range(0, (SELECT CASE WHEN planted = 0 THEN 0 ELSE greatest(4, planted // 4) END FROM sizes)) AS t(place)
),
originals AS (
  SELECT n, is_business, row_number() OVER (PARTITION BY is_business ORDER BY n) - 1 AS turn FROM customers
)
SELECT (SELECT customers FROM sizes) + p.place AS n, o.n AS twin_of, p.twin_kind
FROM places AS p
JOIN originals AS o ON o.is_business = (p.twin_kind = 'tax')
  AND o.turn = CASE WHEN p.twin_kind = 'tax' THEN p.turn ELSE p.turn * 3 + p.place % 4 END;

INSERT INTO customers
SELECT
  t.n, concat('C', 10000 + t.n), o.is_business,
  CASE t.twin_kind WHEN 'tax' THEN upper(o.name) WHEN 'email' THEN concat('Dr. ', o.name) ELSE o.name END,
  CASE t.twin_kind WHEN 'email' THEN concat(upper(split_part(o.email, '@', 1)), '+shop@', split_part(o.email, '@', 2)) END,
  CASE t.twin_kind WHEN 'phone' THEN replace(replace(o.phone, '+49 ', '0049-'), ' ', '/') END,
  CASE t.twin_kind WHEN 'tax' THEN concat(substr(o.tax_id, 1, 2), ' ', substr(o.tax_id, 3)) END,
  CASE t.twin_kind WHEN 'address' THEN replace(o.address, 'strasse', 'str.') END,
  CASE t.twin_kind WHEN 'address' THEN o.postcode END,
  o.city, o.country, o.segment, o.habit, o.consents, o.created_on + 60, o.n, t.twin_kind
FROM twins AS t
JOIN customers AS o ON o.n = t.twin_of;

CREATE OR REPLACE TABLE all_customers AS SELECT count(*) AS customers FROM customers;
