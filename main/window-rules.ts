import { parseAddress } from './serving.ts'

/** What the window decides by words alone; no Electron here, so that it can be tried anywhere. */

/** Pages that the app itself links to; everything else on the web stays closed. */
const externalHosts = new Set(['huggingface.co', 'github.com'])

/** A link as it may be handed to the person's own browser: https, a known host, no name or password in it; else undefined.
 *  It is written anew from its parts, so that the other program cannot read it in another way. */
export function outsideAddress(address: string): string | undefined {
  const { protocol, host, username, password, href } = parseAddress(address) ?? {}
  const known = protocol === 'https:' && externalHosts.has(host ?? '') && username === '' && password === ''
  return known ? href : undefined
}

/** The share that the running job has done, as the page's title tells it ("40 % · Sfumato"); -1 where it tells none. */
export function progressInTitle(title: string): number {
  const percent = /^(\d+) %/.exec(title)?.[1]
  return percent === undefined ? -1 : Math.min(1, Number(percent) / 100)
}
