// The studio's own small routes. Every failure arrives as one sentence in `Refused.message`.
import { leaving } from "./leaving.js";

const OUTLIVING_BYTES = 60_000; // of requests that outlive their page no browser takes more than 64 KiB

export class Refused extends Error {
  constructor(message, status = 0, data = {}) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

async function granted(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refused("The studio does not answer. What you typed stays in this tab until it is back.");
  }
  if (response.ok) return response;
  const data = await response.json().catch(() => ({}));
  throw new Refused(data.error || "Something unexpected happened; nothing you wrote is lost.", response.status, data);
}

const answer = async (request) => (await granted(request)).json().catch(() => ({}));

export const get = (path, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const tail = given.length ? `?${new URLSearchParams(given)}` : "";
  return answer(fetch(`/api/${path}${tail}`, { headers: { accept: "application/json" } }));
};

export const post = (path, data = {}) => {
  const body = JSON.stringify(data);
  const keepalive = leaving && new TextEncoder().encode(body).length < OUTLIVING_BYTES;
  return answer(fetch(`/api/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body, keepalive }));
};

/** A file of the studio: its bytes, its name, and what is to be told with it (`app/api/exports.py`). */
export async function file(address) {
  const response = await granted(fetch(address));
  const said = (header) => decodeURIComponent(response.headers.get(header) ?? "");
  return { blob: await response.blob(), name: said("x-longwright-name"), told: said("x-longwright-unfinished") };
}

export const projectId = () => new URLSearchParams(location.search).get("project");
