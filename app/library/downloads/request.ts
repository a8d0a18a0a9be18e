import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Problem } from '../../problem.ts'
import { maySendTo, nearest, type Zone } from './zones.ts'

/** The only place of Sfumato that opens connections to other computers. Nothing here runs unless a person asked for a model. */
export interface Network {
  readonly fetch: typeof fetch
  /** IP addresses of a host. */
  readonly resolve: (host: string) => Promise<string[]>
  /** Milliseconds until an answer must have begun, and for which it may fall silent. */
  readonly answerWithin: number
  readonly silentFor: number
  /** Milliseconds before the second try; doubled with each further one. */
  readonly firstPause: number
}

export const realNetwork: Network = {
  fetch: (...parameters) => fetch(...parameters),
  resolve: async host => (await lookup(host, { all: true })).map(({ address }) => address),
  answerWithin: 30_000,
  silentFor: 60_000,
  firstPause: 1000,
}

/** Something that may be over soon: another try is worth it. */
export class PassingProblem extends Problem {
  /** Seconds that the server asks us to wait. */
  readonly after: number | undefined

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown; after?: number } = {}) {
    super(code, message, options)
    this.after = options.after
  }
}

export interface Answer {
  readonly response: Response
  /** Headers of the first answer: on a hub those of the hub itself, before it sends us to its store. */
  readonly first: Headers
  /** Ends the connection. */
  leave(): void
}

const mostRedirects = 8
/** Longest wait that a server may ask for, in seconds. */
const longestWait = 120

/** Asks for an address and follows redirects: https everywhere (http on this computer alone), and never from somewhere public to an address of
 *  this computer or its network. Answers of 429 and 5xx are thrown.
 *  @throws Problem ADDRESS, REDIRECT; PassingProblem NETWORK, HUB_BUSY; what `signal` was aborted with */
export async function request(
  address: URL,
  headers: Readonly<Record<string, string>>,
  network: Network,
  signal: AbortSignal,
): Promise<Answer> {
  const leaving = new AbortController()
  const any = AbortSignal.any([signal, leaving.signal])
  const leave = () => leaving.abort()
  let first: Headers | undefined
  let at = address
  let zone = await checkedZone(at, undefined, network)
  try {
    for (let hops = 0; hops <= mostRedirects; hops++) {
      const response = await ask(at, headers, network, any, leaving)
      first ??= response.headers
      const location = isRedirect(response.status) ? response.headers.get('location') : null
      if (location === null) return { response: checkedBusy(response, at), first, leave }
      await response.body?.cancel()
      at = nextAddress(location, at)
      zone = await checkedZone(at, zone, network)
    }
    throw new Problem('REDIRECT', `${address.host} sends from one address to the next without end.`, { hint: later })
  } catch (error) {
    leave()
    signal.throwIfAborted()
    throw error
  }
}

const later = 'Try again later.'

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status)

async function ask(
  at: URL,
  headers: Readonly<Record<string, string>>,
  network: Network,
  signal: AbortSignal,
  leaving: AbortController,
): Promise<Response> {
  const patience = setTimeout(() => leaving.abort(), network.answerWithin)
  try {
    // Compressed answers have other lengths, and parts of them mean nothing.
    const all = { 'accept-encoding': 'identity', 'user-agent': 'Sfumato', ...headers }
    return await network.fetch(at, { headers: all, redirect: 'manual', signal })
  } catch (error) {
    throw unreachable(at.host, error)
  } finally {
    clearTimeout(patience)
  }
}

export const unreachable = (host: string, cause: unknown) =>
  new PassingProblem('NETWORK', `${host} cannot be reached.`, {
    hint: 'Check the connection to the internet, then try again; what has arrived is kept.',
    cause,
  })

function nextAddress(location: string, from: URL): URL {
  if (URL.canParse(location, from.href)) return new URL(location, from)
  throw new Problem('REDIRECT', `${from.host} sends to ${JSON.stringify(location.slice(0, 200))}, which is no address.`)
}

/** Where a host is. @param from the zone of the server that sends there; undefined: the person named it
 *  @throws Problem ADDRESS, REDIRECT; PassingProblem NETWORK */
async function checkedZone(address: URL, from: Zone | undefined, network: Network): Promise<Zone> {
  const host = address.hostname.replace(/^\[|\]$/g, '')
  const zone = nearest(isIP(host) ? [host] : await resolved(host, network))
  if (from !== undefined && !maySendTo(from, zone)) {
    throw new Problem(
      'REDIRECT',
      `The server sends to ${address.host}, an address inside this network; it is not followed.`,
    )
  }
  const isSafe = address.protocol === 'https:' || (address.protocol === 'http:' && zone === 'loopback')
  if (isSafe && address.username === '' && address.password === '') return zone
  throw new Problem('ADDRESS', `${address.origin} is not asked: only https addresses without a password are.`, {
    hint: 'Use the https:// address.',
  })
}

async function resolved(host: string, network: Network): Promise<string[]> {
  try {
    return await network.resolve(host)
  } catch (error) {
    throw unreachable(host, error)
  }
}

function checkedBusy(response: Response, { host }: URL): Response {
  const { status } = response
  if (status !== 429 && status !== 408 && status < 500) return response
  const words = status === 429 ? 'has had too many requests' : `has trouble (${status})`
  const after = secondsOf(response.headers.get('retry-after'))
  if (after === undefined || after <= longestWait)
    throw new PassingProblem('HUB_BUSY', `${host} ${words}.`, { hint: later, after })
  const minutes = Math.ceil(after / 60)
  throw new Problem('HUB_BUSY', `${host} ${words}.`, { hint: `It asks to come back in ${minutes} minutes.` })
}

/** Retry-After: seconds, or a date (RFC 9110, 10.2.3). */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const time = Date.parse(header)
  return Number.isNaN(time) ? undefined : Math.max(0, (time - Date.now()) / 1000)
}

/** The pieces of a body; a server that falls silent is left. @throws PassingProblem NETWORK; what `signal` was aborted with */
export async function* piecesOf(
  { response, leave }: Answer,
  network: Network,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  let patience = setTimeout(leave, network.silentFor)
  try {
    for await (const piece of response.body ?? []) {
      clearTimeout(patience)
      yield piece
      patience = setTimeout(leave, network.silentFor)
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Problem) throw error
    throw unreachable(hostOf(response), error)
  } finally {
    clearTimeout(patience)
    leave()
  }
}

export const hostOf = (response: Response): string =>
  URL.canParse(response.url) ? new URL(response.url).host : 'The server'

/** What is asked and told between two tries. */
export interface Between {
  /** Whether anything was gained since this was last asked: the count begins anew then. */
  readonly progressed?: () => boolean
  /** Is told why it waits, and for how many seconds. */
  readonly onPause?: (problem: Problem, seconds: number) => void
  /** How often it is tried without gaining anything, and seconds of the longest pause. */
  readonly tries: number
  readonly longestPause: number
}

/** For what a person waits for, looking. */
export const quickly = { tries: 3, longestPause: 5 }
/** For what goes on while they do other things. */
export const patiently = { tries: 6, longestPause: longestWait }

/** Tries again what may be over soon, with growing pauses, or those that the server asks for.
 *  @throws Problem the last one; what `signal` was aborted with */
export async function insist<T>(
  work: () => Promise<T>,
  network: Network,
  signal: AbortSignal,
  { progressed = () => false, onPause = () => {}, tries: most, longestPause }: Between,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof PassingProblem)) throw error
      if (progressed()) tries = 1
      const pause = error.after === undefined ? network.firstPause * 2 ** (tries - 1) : error.after * 1000
      if (tries >= most || pause > longestPause * 1000) throw error
      onPause(error, pause / 1000)
      await wait(pause, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

/** The total of `Content-Range: bytes 0-0/1234`. */
export const totalOf = (headers: Headers): number =>
  Number(/^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN)
