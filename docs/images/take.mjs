// Makes the pictures of the README and of docs/interface.md from a fresh demonstration, in a directory of its own so that nobody's data is touched:
//
//   npm install --no-save playwright-core          (in a scratch directory; run this script with node from there)
//   ZORGSPOOR_UNDO_MINUTES=0.2 ./zorgspoor up --detach --data <scratch> --port 18300
//   CHROMIUM=$(command -v chromium) node <project>/docs/images/take.mjs http://127.0.0.1:18300 <project>/docs/images
//   ./zorgspoor reset --yes --data <scratch>
//
// All people in it are invented. Afterwards, in <project>/docs/images: pngquant --strip --ext .png --force *.png; pngquant --strip --ext .png --force 48 interface/*.png
// A new component gets a line in COMPONENTS below and a row in docs/interface.md.

import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const { chromium } = createRequire(join(process.cwd(), "take.mjs"))("playwright-core");
const [address, folder] = process.argv.slice(2);
const COORDINATOR = "dede0000-0000-4000-8000-000000000003";
const SECOND = "dede0000-0000-4000-8000-000000000004";
const CASES_HELD = 5;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const needs = {
  frail: { programme: "frail", facts: { belrai: { iadl: 3.5, adl: 3, total: 14 }, coordination_now: "none", providers: "several", has_plan: false } },
  perinatal: { programme: "perinatal", facts: { weeks_pregnant: 31, coordination_now: "none", providers: "several", has_plan: false } },
  obesity: { programme: "obesity", facts: { height_cm: 150, weight_kg: 75, eossp: 2, coordination_now: "stuck" } },
};
const vulnerabilities = [["mental_health", "no_network"], ["housing", "mental_health"], ["housing", "money"], ["violence"], ["no_network"]];
// given name, family name, born, postcode, language, need, what worries, sex where the rule asks it
const people = [
  ["Marleen", "Vanhoeckel", "1945-02-03", "9900", "nl", "frail", "Viel twee keer deze maand en woont alleen."],
  ["Amina", "Lahsaini", "1999-03-14", "9060", "fr", "perinatal", "Verhuist tussen twee vriendinnen, slaapt slecht en is bang om alleen te bevallen."],
  ["Georges", "Haverbeken", "1940-06-12", "9960", "nl", "frail", "Is net thuis uit het ziekenhuis."],
  ["Rosa", "Temmerhout", "1948-01-22", "9970", "nl", "frail", "Haar man zorgde voor alles en is overleden."],
  ["Semhar", "Tesfagiorgis", "1996-05-30", "9060", "ti", "perinatal", "Begrijpt de brieven van het ziekenhuis niet."],
  ["Zoë", "Duyckaerts", "2014-04-09", "9940", "nl", "obesity", "Gaat niet meer graag naar school.", "female"],
  ["Agnes", "Willockx", "1942-09-17", "9900", "nl", "frail", "Vergeet haar medicatie."],
  ["Chloé", "De Baets", "2004-11-02", "9060", "nl", "perinatal", "Heeft huurachterstand."],
  ["Jozef", "Van Rysselt", "1936-07-01", "9970", "nl", "frail", "De mantelzorger raakt uitgeput."],
  ["Farid", "Noorzai", "1951-12-24", "9960", "ps", "frail", "Niemand in de buurt spreekt zijn taal."],
  ["Irma", "De Wispelaere", "1938-03-08", "9940", "nl", "frail", "Eet nog nauwelijks."],
  ["Paul", "Sijsmans", "1947-10-19", "9960", "nl", "frail", "Mantelzorg valt weg in december."],
  ["Leyla", "Demirkol", "1992-08-21", "9940", "nl", "perinatal", "Staat er alleen voor sinds de zomer."],
  ["Cyriel", "Lammens", "1941-05-05", "9900", "nl", "frail", "Dwaalt soms rond in het dorp."],
  ["Julienne", "Steyaert", "1943-01-30", "9960", "nl", "frail", "Kreeg thuis een val zonder alarm."],
  ["Daan", "Spriet", "2015-06-16", "9940", "nl", "obesity", "Slaapt slecht en is kortademig.", "male"],
  ["Maria", "Roegiers", "1939-02-11", "9970", "nl", "frail", "Trap niet meer veilig."],
  ["Nour", "Elbaz", "1997-09-27", "9940", "fr", "perinatal", "Woont met vier in één kamer."],
  ["Etienne", "Maelfeyt", "1949-04-04", "9960", "nl", "frail", "Raakt niet meer tot bij de dokter."],
  ["Godelieve", "Praet", "1937-12-12", "9900", "nl", "frail", "Hoort de bel niet meer."],
  ["Sofie", "Claeys", "1995-03-03", "9060", "nl", "perinatal", "Mist sinds september haar afspraken."],
  ["Albert", "Buysse", "1944-08-15", "9940", "nl", "frail", "Weigert hulp, de buren bellen ons."],
  ["Lutgarde", "Standaert", "1946-05-22", "9960", "nl", "frail", "Alleen na een heupbreuk."],
  ["Ines", "Vermeulen", "2001-02-14", "9060", "nl", "perinatal", "Is bang voor haar partner."],
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });

async function signedIn(persona, { width = 1440, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: "nl-BE", colorScheme, reducedMotion: "reduce" });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(`${address}/sign-in`);
  await page.click(`button[value="${persona}"]`);
  if (new URL(page.url()).pathname === "/organisation") await page.click('button[name="organisation"]');
  context.formKey = await page.locator('input[name="_form"]').first().getAttribute("value");
  await page.close();
  return context;
}

// as a script of our own pages sends it: with the word of the session
function post(context, path, { data, headers = {} } = {}) {
  return answered(context.request.post(address + path, { data, headers: { "X-Form-Key": context.formKey, ...headers } }));
}

async function answered(promise) {
  const answer = await promise;
  if (!answer.ok()) throw new Error(`${answer.status()} ${await answer.text()}`);
  return answer.json();
}

const [sender, lead, first, second] = [await signedIn("sender"), await signedIn("zone-lead"), await signedIn("coordinator"), await signedIn("coordinator-2")];

async function refer([given_name, family_name, birth_date, postcode, language, need, worries, sex = "unknown"], number) {
  const person = { given_name, family_name, birth_date, sex, language, phone: "0400 00 18 77", address: { street: "Kastanjelaan", number: String(number + 1), postcode } };
  const { programme, facts } = needs[need];
  const vulnerable = need === "perinatal" ? { needs: vulnerabilities[number % vulnerabilities.length] } : {};
  const sent = await post(sender, "/intake/api/referrals", {
    headers: { "Idempotency-Key": randomUUID() }, data: { person, programme, facts: { ...facts, ...vulnerable }, worries, consent: { given: true, by: need === "obesity" ? "parent" : "person", how: "oral" } },
  });
  for (let tries = 0; tries < 100; tries += 1) {
    const seen = await answered(sender.request.get(`${address}/intake/api/referrals/${sent.id}`));
    if (["offered", "waiting"].includes(seen.status)) return;
    await pause(100);
  }
  throw new Error(`${given_name} ${family_name} is not placed`);
}

async function openOffers(context, id) {
  const { offers } = await answered(context.request.get(`${address}/coordination/api/offers?coordinator=${id}`));
  return offers.filter((offer) => offer.status === "offered");
}

async function acceptAll(context, id) {
  const offers = await openOffers(context, id);
  for (const offer of offers) await post(context, `/coordination/api/offers/${offer.id}/accept`);
  return offers;
}

// twenty-four referrals, until the first coordinator holds some cases and has two open offers
async function seed() {
  const held = [];
  const holdsFamily = () => held.some((offer) => JSON.stringify(offer).includes('"perinatal"'));
  for (const [number, person] of people.entries()) {
    await refer(person, number);
    await acceptAll(second, SECOND);
    if (held.length < CASES_HELD || !holdsFamily()) held.push(...(await acceptAll(first, COORDINATOR)));
    else if ((await openOffers(first, COORDINATOR)).length === 2) return;
  }
  throw new Error("chance gave no two open offers; reset and try again");
}

async function settled(reads) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await reads()) return;
    await pause(100);
  }
  throw new Error("the answers do not count yet; is ZORGSPOOR_UNDO_MINUTES more than 0.2?");
}

// a page with the names that another service tells: asked again where that came too late
async function whole(page, path) {
  for (let tries = 0; tries < 20; tries += 1) {
    await page.goto(address + path);
    if (!/laadt niet|laden niet|nu niet te zien/.test(await page.locator("main").innerText())) return;
  }
  throw new Error(`${path} does not come with names; is the machine too busy?`);
}

const only = process.argv.slice(4); // names of components, when not all pictures are wanted
const pages = await first.newPage();
const heldOf = (programme) => pages.locator("ul.steps li", { hasText: programme }).locator("a.entry-name").first();
await pages.goto(`${address}/coordination/day`);
const isFresh = !(await pages.locator("ul.steps li").count());
if (isFresh) await seed();
await settled(async () => { await pages.goto(`${address}/coordination/day`); return !(await pages.locator("[data-undo]").count()); });
const family = await heldOf("Zwanger of jong gezin").getAttribute("href");
const met = await heldOf("Kwetsbare oudere").getAttribute("href");
if (isFresh) await post(first, `/coordination/api/cases/${met.split("/").pop()}/first-contact`, { data: { contact_at: new Date().toISOString(), level: "complex", intensity: "normal" } });
if (!only.length) {
  await whole(pages, "/coordination/day");
  await pages.screenshot({ path: join(folder, "day.png"), fullPage: true });
  await whole(pages, family);
  await pages.screenshot({ path: join(folder, "case.png"), fullPage: true });
  const board = await lead.newPage();
  await board.goto(`${address}/coordination/zones/meetjesland-oost`);
  await board.screenshot({ path: join(folder, "zone.png"), fullPage: true });
}

// ---- docs/interface.md: a picture of every component, as it stands on a page

const interfaces = join(folder, "interface");
mkdirSync(interfaces, { recursive: true });

const by = (name) => (page) => page.locator(`[name="${name}"]`).first();
const press = (page, text) => Promise.all([page.waitForNavigation(), page.getByRole("button", { name: text, exact: true }).click()]);
const choose = (page, name, value) => page.locator(`[name="${name}"][value="${value}"]`).check();

async function who(page) {
  await page.goto(`${address}/intake/refer`);
  for (const [name, value] of [["given_name", "Yasmina"], ["family_name", "El Idrissi"], ["birth_date", "14/3/1999"], ["address.postcode", "9940"], ["phone", "0400 00 18 77"]]) {
    await by(`person.${name}`)(page).fill(value);
  }
  await press(page, "Verder: wat is er nodig");
}

async function need(page) {
  await who(page);
  await choose(page, "programme", "perinatal");
  await press(page, "Toon de vragen");
  await by("facts.weeks_pregnant")(page).fill("31");
  for (const [name, value] of [["facts.needs", "housing"], ["facts.needs", "money"], ["facts.coordination_now", "none"], ["facts.providers", "several"], ["facts.has_plan", "nee"]]) await choose(page, name, value);
  await press(page, "Toon het voorstel");
}

async function check(page) {
  await need(page);
  await page.locator('textarea[name="worries"]').fill("Verhuist tussen twee vriendinnen, slaapt slecht en is bang om alleen te bevallen.");
  await choose(page, "consent.given", "ja");
  await press(page, "Verder: nakijken");
}

async function receipt(page) {
  await check(page);
  await press(page, "Aanmelding versturen");
}

const at = (path) => (page) => whole(page, path);
const after = (...steps) => async (page) => { for (const step of steps) await step(page); };
const click = (selector) => (page) => page.locator(selector).first().click();
const DAY = "/coordination/day", ZONE = "/coordination/zones/meetjesland-oost";

// name of the picture, who looks, how to come there, what of the page is shown; further: { width, colorScheme, high }
const COMPONENTS = [
  ["question-page", "sender", need, "main", { width: 1100, high: 1250 }],
  ["proposal", "sender", need, ".proposal", { width: 1100 }],
  ["check-answers", "sender", check, "main", { width: 1100 }],
  ["confirmation", "sender", receipt, ".receipt-head", { width: 900 }],
  ["error-summary", "sender", after(at("/intake/refer"), (page) => press(page, "Verder: wat is er nodig")), "main", { width: 900, high: 900 }],
  ["date-input", "sender", at("/intake/refer"), '.field:has([name="person.birth_date"])', { width: 700 }],
  ["options", "sender", need, 'fieldset:has([name="facts.needs"])', { width: 900 }],
  ["track", "coordinator", at(family), "ol.track.stages", { width: 1000 }],
  ["summary-list", "coordinator", at(family), 'section[aria-labelledby="samenvatting"]', { width: 1000 }],
  ["decision-card", "coordinator", at(family), 'section[aria-labelledby="besliskaart"]', { width: 1200 }],
  ["timeline", "coordinator", at(family), 'section[aria-labelledby="verloop"]', { width: 1200 }],
  ["leave-quickly", "coordinator", at(family), ".bar", { width: 900 }],
  ["status", "coordinator", at("/coordination/cases"), "main", { width: 1100 }],
  ["load", "coordinator", at(DAY), ".sheet.load", { width: 1200 }],
  ["shortcuts", "coordinator", after(at(DAY), click("[data-toetsen]:visible")), "#toetsen", { width: 900 }],
  ["offer", "coordinator", at(DAY), ".offer", { width: 1100 }],
  ["tiles", "zone-lead", at(ZONE), ".tiles", { width: 1100 }],
  ["strips", "zone-lead", at(ZONE), 'section[aria-labelledby="wachtlijst"] .figure', { width: 1100 }],
  ["table", "zone-lead", at(ZONE), 'section[aria-labelledby="wachtlijst"] .table-wrap', { width: 1100 }],
  ["bars", "zone-lead", at(ZONE), ".figure:has(#belasting), section:has(#belasting)", { width: 1100 }],
  ["weeks", "zone-lead", at(ZONE), ".small-charts", { width: 1100 }],
  ["note", "coordinator", at(`${DAY}?let_op=offer_ended`), ".note:visible", { width: 900 }],
  ["blank", "zone-intake", at("/intake/checks"), ".blank", { width: 900 }],
  ["help", null, at("/help"), "main", { width: 800, high: 700 }],
  ["dark-case", "coordinator", at(family), "body", { width: 1200, colorScheme: "dark", high: 900 }],
  ["dark-question-page", "sender", need, "main", { width: 1100, colorScheme: "dark", high: 1000 }],
  ["narrow-day", "coordinator", at(DAY), "body", { width: 320, high: 1000 }],
  ["narrow-question-page", "sender", need, "body", { width: 320, high: 1000 }],
  ["toast", "coordinator", after(at(DAY), (page) => Promise.all([page.waitForNavigation(), page.locator('.offer form[action$="/accept"] button').first().click()])), ".toast:visible", { width: 900 }],
];

for (const [name, persona, come, selector, { width, colorScheme, high }] of COMPONENTS) {
  if (only.length && !only.includes(name)) continue;
  const context = persona ? await signedIn(persona, { width, colorScheme }) : await browser.newContext({ viewport: { width, height: 900 }, locale: "nl-BE" });
  const page = await context.newPage();
  await come(page);
  const shown = page.locator(selector).first();
  await shown.scrollIntoViewIfNeeded();
  const path = join(interfaces, `${name}.png`);
  if (selector === "main" || high) {
    const below = selector === "main" ? 8 : 0; // the station of the menu hangs into it
    const box = await shown.evaluate((each) => { const { x, y, width, height } = each.getBoundingClientRect(); return { x: x + scrollX, y: y + scrollY, width, height }; });
    await page.screenshot({ path, fullPage: true, clip: { ...box, y: box.y + below, height: Math.min(box.height - below, high ?? Infinity) } });
  } else await shown.screenshot({ path });
  await context.close();
}
await browser.close();
