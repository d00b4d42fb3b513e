-- Vendors and employees with what is known of them.

CREATE OR REPLACE TABLE name_words AS
SELECT
  ['Alder','Amber','Apex','Aster','Aurum','Basalt','Beacon','Birch','Bodensee','Borealis','Brenner',
   'Calder','Canton','Cedar','Chiemsee','Cobalt','Corvus','Dahlem','Delta','Eifel','Elbe','Ember',
   'Falken','Fjord','Garnet','Granit','Hanse','Harz','Havel','Helios','Heron','Indigo','Isar','Jade',
   'Juniper','Kestrel','Kiesel','Krone','Lahn','Larch','Linden','Lotus','Lumen','Mainau','Maple',
   'Marlin','Merkur','Mosel','Neckar','Nimbus','Nordlicht','Oder','Onyx','Opal','Orion','Osprey',
   'Pegasus','Quarz','Raven','Rhein','Saale','Saphir','Sierra','Spree','Sterling','Taunus','Tern',
   'Titan','Topas','Ulmen','Vega','Werra','Weser','Willow','Xenon','Yarrow','Zeder','Zenit'] AS first_words,
  ['bach','berg','brook','burg','dale','feld','field','ford','gate','grund','hafen','heim','hurst',
   'kamp','lake','land','mark','mond','pfad','ridge','see','stein','tal','tor','wald','ward','werk',
   'wick','wood','worth'] AS endings,
  ['Services','Trading','Supplies','Solutions','Partners','Group','Systems','Logistik','Technik',
   'Handel','Consulting','Media','Industries','Works','Facility','International'] AS common_words,
  ['GmbH','AG','Ltd','Inc','KG','LLC','GmbH & Co. KG','Limited'] AS legal_forms,
  ['Haupt','Garten','Bahnhof','Schul','Linden','Berg','Kirch','Markt','Ring','Park','Wald','See'] AS streets,
  ['Berlin','Hamburg','Munich','Cologne','Leipzig','Boston','Denver','Austin','Dallas','Seattle'] AS cities,
  ['Anna','Ben','Clara','David','Emma','Felix','Greta','Hugo','Ida','Jonas','Karla','Leo','Mia','Noah',
   'Olivia','Paul','Rosa','Simon','Tara','Victor'] AS given_names,
  ['Albrecht','Baker','Carter','Dietrich','Engel','Foster','Gruber','Hartmann','Ingram','Jansen','Keller',
   'Lorenz','Miller','Novak','Otto','Parker','Richter','Schmidt','Turner','Vogel','Walker','Young','Ziegler'] AS family_names;

-- One brand in eight stands in several names of unrelated vendors: a word alone proves nothing.
-- The last seven blocks of vendors are there for what is planted with them (see planted.sql).
CREATE OR REPLACE TABLE vendors AS
WITH base AS (
  SELECT
    CAST(v AS INTEGER) AS vendor_index,
    concat('V', 10000 + v) AS vendor_id,
    CASE
      WHEN v % 97 = 3 THEN 10
      WHEN v % 97 = 5 THEN 11
      ELSE v % 10
    END AS category_index,
    CASE WHEN pick(v, 11, 3) = 0 THEN 'US' ELSE 'DE' END AS country,
    concat(
      CASE WHEN pick(v, 12, 8) = 0
        THEN name_words.first_words[1 + pick(v, 13, 78)]
        ELSE concat(name_words.first_words[1 + (v * 7 + {{ var('seed') }}) % 78],
          name_words.endings[1 + (v // 78 * 11 + v) % 30],
          CASE WHEN v >= 2340 THEN concat(' ', name_words.family_names[1 + v // 2340 % 23]) ELSE '' END)
      END, ' ',
      name_words.common_words[1 + pick(v, 14, 16)],
      CASE WHEN v >= 53820 THEN concat(' ', v // 53820) ELSE '' END) AS short_name,
    name_words.legal_forms[1 + pick(v, 15, 8)] AS legal_form,
    concat(CASE WHEN pick(v, 11, 3) = 0 THEN 'US' ELSE 'DE' END,
      100000000 + chance(v, 16) % 899999999) AS tax_id,
    concat(CASE WHEN pick(v, 11, 3) = 0 THEN 'US' ELSE 'DE' END,
      10 + chance(v, 17) % 89, 1000000000000000 + chance(v, 18) % 8999999999999999) AS bank_account,
    concat(name_words.streets[1 + pick(v, 19, 12)], 'strasse ', 1 + pick(v, 20, 180)) AS address,
    CAST(10000 + pick(v, 21, 89999) AS VARCHAR) AS postcode,
    name_words.cities[1 + pick(v, 22, 10)] AS city,
    -- 0 and 1: plain, 2: always bills round amounts, 3: sells items at a price.
    CASE WHEN v % 21 = 7 THEN 2 WHEN v % 10 IN (0, 9) THEN 3 ELSE 0 END AS billing,
    -- Numbers of invoices: four styles.
    pick(v, 23, 4) AS number_style,
    100 + pick(v, 24, 90000) AS first_number,
    1 + pick(v, 25, 7) AS number_step,
    30 + pick(v, 26, 340) AS scale_percent,
    pick(v, 27, 10) = 0 AS has_second_entity,
    -- One vendor in twelve was made during the year.
    CASE WHEN pick(v, 28, 12) = 0 AND v >= 10 THEN 30 + pick(v, 29, 300) ELSE -1 END AS created_day
  FROM range(0, (SELECT vendors FROM sizes)) AS t(v), name_words
)
SELECT
  base.*,
  concat(short_name, ' ', legal_form) AS name,
  CASE country WHEN 'US' THEN 'US01' ELSE 'DE01' END AS entity,
  scale_cents * scale_percent // 100 AS scale_cents,
  category, account, department_index,
  CASE WHEN vendor_index < ordinary THEN 'ordinary'
    ELSE ['other_id', 'variant', 'new', 'dormant', 'employee', 'creep', 'round']
      [1 + (vendor_index - ordinary) // greatest(planted, 1)]
  END AS role,
  CASE WHEN vendor_index >= ordinary THEN (vendor_index - ordinary) % greatest(planted, 1) END AS place
FROM base
JOIN categories USING (category_index)
CROSS JOIN (SELECT planted, vendors - 7 * planted AS ordinary FROM sizes);

-- Twins take over what the same company has; the variant has lost its tax id and writes its name
-- in another way.
UPDATE vendors SET
  name = o.name, short_name = o.short_name, legal_form = o.legal_form, category_index = o.category_index,
  category = o.category, account = o.account, department_index = o.department_index,
  country = o.country, entity = o.entity, tax_id = o.tax_id, bank_account = o.bank_account,
  address = o.address, postcode = o.postcode, city = o.city, scale_cents = o.scale_cents, billing = 0
FROM vendors AS o
WHERE vendors.role = 'other_id' AND o.vendor_index = vendors.place * 13 + 10;
UPDATE vendors SET
  name = CASE vendors.place % 4
    WHEN 0 THEN upper(o.short_name)
    WHEN 1 THEN concat(replace(o.short_name, ' ', '-'), ', ', o.legal_form)
    WHEN 2 THEN concat('The ', o.short_name, ' Co')
    ELSE concat(o.short_name, ' (', o.city, ') ', o.legal_form) END,
  short_name = o.short_name, category_index = o.category_index,
  category = o.category, account = o.account, department_index = o.department_index,
  country = o.country, entity = o.entity, tax_id = NULL,
  bank_account = CASE WHEN vendors.place % 2 = 0 THEN o.bank_account ELSE vendors.bank_account END,
  address = CASE WHEN vendors.place % 2 = 1 THEN replace(o.address, 'strasse', 'str.') ELSE vendors.address END,
  postcode = CASE WHEN vendors.place % 2 = 1 THEN o.postcode ELSE vendors.postcode END,
  city = CASE WHEN vendors.place % 2 = 1 THEN o.city ELSE vendors.city END,
  scale_cents = o.scale_cents, billing = 0
FROM vendors AS o
WHERE vendors.role = 'variant' AND o.vendor_index = vendors.place * 13 + 11;
UPDATE vendors SET billing = 0, created_day = -1, category_index = vendor_index % 10 WHERE role <> 'ordinary';
UPDATE vendors SET created_day = 60 + pick(vendor_index, 41, 240) WHERE role = 'new';
-- Two vendors take most of what is spent in their small categories.
UPDATE vendors SET scale_cents = scale_cents * 30 + 200000, created_day = -1 WHERE vendor_index IN (3, 5);

CREATE OR REPLACE TABLE employees AS
SELECT
  CAST(e AS INTEGER) AS employee_index,
  concat('E', 2000 + e) AS employee_id,
  concat('CARD-', 4000 + e) AS card_id,
  concat(name_words.given_names[1 + pick(e, 31, 20)], ' ', name_words.family_names[1 + pick(e, 32, 23)]) AS name,
  CASE WHEN e % 3 = 0 THEN 'US' ELSE 'DE' END AS country,
  CASE WHEN e % 3 = 0 THEN 'US01' ELSE 'DE01' END AS entity,
  e % 7 AS department_index,
  concat('DE', 10 + chance(e, 33) % 89, 1000000000000000 + chance(e, 34) % 8999999999999999) AS bank_account,
  concat(name_words.streets[1 + pick(e, 35, 12)], 'weg ', 1 + pick(e, 36, 180)) AS address,
  CAST(10000 + pick(e, 37, 89999) AS VARCHAR) AS postcode,
  name_words.cities[1 + pick(e, 38, 10)] AS city,
  -- What the employee usually spends, in percent of others.
  60 + pick(e, 39, 100) AS spend_percent
FROM range(0, (SELECT employees FROM sizes)) AS t(e), name_words;

UPDATE vendors SET bank_account = e.bank_account
FROM employees AS e
WHERE vendors.role = 'employee' AND vendors.place % 2 = 0 AND e.employee_index = vendors.place * 5 % (SELECT employees FROM sizes);
UPDATE vendors SET address = e.address, postcode = e.postcode, city = e.city
FROM employees AS e
WHERE vendors.role = 'employee' AND vendors.place % 2 = 1 AND e.employee_index = vendors.place * 5 % (SELECT employees FROM sizes);
