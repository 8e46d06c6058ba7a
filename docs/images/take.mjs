// Makes the pictures of the README from a fresh demonstration, in a directory of its own so that nobody's data is touched:
//
//   npm install --no-save playwright-core          (in a scratch directory; run this script with node from there)
//   ZORGSPOOR_UNDO_MINUTES=0 ./zorgspoor up --detach --data <scratch> --port 18300
//   CHROMIUM=$(command -v chromium) node <project>/docs/images/take.mjs http://127.0.0.1:18300 <project>/docs/images
//   ./zorgspoor reset --yes --data <scratch>
//
// All people in it are invented. Afterwards: pngquant --strip --skip-if-larger --ext .png --force <project>/docs/images/*.png

import { randomUUID } from "node:crypto";
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

async function signedIn(persona) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "nl-BE", colorScheme: "light" });
  await context.request.post(`${address}/sign-in`, { form: { persona, next: "/" }, maxRedirects: 0 });
  return context;
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
  const sent = await answered(sender.request.post(`${address}/intake/api/referrals`, {
    headers: { "Idempotency-Key": randomUUID() }, data: { person, programme, facts: { ...facts, ...vulnerable }, worries, consent: { given: true, by: need === "obesity" ? "parent" : "person", how: "oral" } },
  }));
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
  for (const offer of offers) await answered(context.request.post(`${address}/coordination/api/offers/${offer.id}/accept`));
  return offers.length;
}

let held = 0;
for (const [number, person] of people.entries()) {
  await refer(person, number);
  await acceptAll(second, SECOND);
  if (held < CASES_HELD) held += await acceptAll(first, COORDINATOR);
  else if ((await openOffers(first, COORDINATOR)).length === 2) break;
}
if ((await openOffers(first, COORDINATOR)).length !== 2) throw new Error("chance gave no two open offers; reset and try again");

const pages = await first.newPage();
await pages.goto(`${address}/coordination/day`);
const heldOf = (programme) => pages.locator("ul.steps li", { hasText: programme }).locator("a.entry-name").first();
if (!(await heldOf("Zwanger of jong gezin").count())) throw new Error("chance gave no family; reset and try again");
const met = await heldOf("Kwetsbare oudere").getAttribute("href");
await answered(first.request.post(`${address}/coordination/api/cases/${met.split("/").pop()}/first-contact`, {
  data: { contact_at: new Date().toISOString(), level: "complex", intensity: "normal" },
}));
await pages.goto(`${address}/coordination/day`);
await pages.screenshot({ path: join(folder, "day.png"), fullPage: true });
await heldOf("Zwanger of jong gezin").click();
await pages.screenshot({ path: join(folder, "case.png"), fullPage: true });
const board = await lead.newPage();
await board.goto(`${address}/coordination/zones/meetjesland-oost`);
await board.screenshot({ path: join(folder, "zone.png"), fullPage: true });
await browser.close();
