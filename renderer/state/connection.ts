import { createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { Api } from './api.ts'
import type { MenuWords } from './menu.ts'

/** What the Electron preload hands to the page. */
export interface Bridge {
  /** Asks for a port to the engine; it arrives as a window message of type `sfumato:port`. */
  connect(): void
  readonly platform: string
  pathForFile?(file: File): string
  notify?(title: string, body: string): void
  /** How large everything in the window is; 1 is the usual size. Browsers have a way of their own. */
  readonly scale?: { get(): number; set(factor: number): void }
  /** Makes these the native menus; what is chosen in them arrives as a window message of type `sfumato:command`. */
  setMenus?(menus: readonly MenuWords[]): void
}

declare global {
  interface Window {
    readonly sfumato?: Bridge
  }
}

/** One open line to the engine. */
export interface Link {
  readonly api: Api
  /** Settles when the line is gone. */
  readonly closed: Promise<void>
  close(): void
}

const PORT_TIMEOUT = 5_000
const TOKEN_KEY = 'sfumato.token'

/** A line over the port that the preload posts. An engine that was restarted may post one unasked: that one is taken too. */
export function linkByPort(bridge: Bridge, target: EventTarget = window): Promise<Link> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => stop(() => reject(new Error('No port came from the window’s process.'))),
      PORT_TIMEOUT,
    )
    const stop = (then: () => void) => {
      clearTimeout(timer)
      target.removeEventListener('message', receive)
      then()
    }
    const receive = (event: Event) => {
      if (!(event instanceof MessageEvent) || event.source !== target || !isPortMessage(event.data)) return
      const [port] = event.ports
      if (port === undefined) return
      stop(() => resolve(openPort(port)))
    }
    target.addEventListener('message', receive)
    bridge.connect()
  })
}

const isPortMessage = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && Reflect.get(data, 'type') === 'sfumato:port'

function openPort(port: MessagePort): Link {
  let gone = () => {}
  const closed = new Promise<void>(resolve => {
    gone = resolve
  })
  port.addEventListener('close', gone)
  const api: Api = createORPCClient(new PortLink({ port }))
  port.start()
  return {
    api,
    closed,
    close: () => {
      port.close()
      // A port that is closed on this side says nothing here; what still waits for an answer must learn it all the same.
      port.dispatchEvent(new Event('close'))
    },
  }
}

/** Takes the one-time token out of the address, so that it is neither seen nor kept in the history, and remembers it for
 *  this tab: a reload has no fragment any more. */
export function takeToken(
  address: Pick<Location, 'hash' | 'pathname' | 'search'> = location,
  storage: Pick<Storage, 'getItem' | 'setItem'> = sessionStorage,
  past: Pick<History, 'replaceState'> = history,
): string {
  const token = new URLSearchParams(address.hash.slice(1)).get('token')
  if (token !== null) {
    storage.setItem(TOKEN_KEY, token)
    past.replaceState(null, '', address.pathname + address.search)
  }
  return token ?? storage.getItem(TOKEN_KEY) ?? ''
}

/** A line over a WebSocket to the page's own host. */
export function linkBySocket(token: string, page: string = location.href): Promise<Link> {
  const address = new URL(`api?token=${encodeURIComponent(token)}`, page)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  address.hash = ''
  const socket = new WebSocket(address)
  const closed = new Promise<void>(resolve => socket.addEventListener('close', () => resolve()))
  const api: Api = createORPCClient(new SocketLink({ websocket: socket }))
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve({ api, closed, close: () => socket.close() }))
    closed.then(() => reject(new Error('The engine does not answer.')))
  })
}

/** Milliseconds to wait before the n-th try; short at first, because an engine is back within seconds. */
export const backOff = (attempt: number): number => Math.min(1_000, 100 * 2 ** attempt)

export interface Keeper {
  /** Opens a line. */
  readonly open: () => Promise<Link>
  /** Works on an open line; ends (by throwing) when the line is of no use any more. */
  readonly session: (api: Api) => Promise<unknown>
  /** The line is gone, or never came; the next try follows. */
  readonly away: (error: unknown) => void
  readonly wait?: (milliseconds: number) => Promise<void>
  readonly signal?: AbortSignal
}

const BEAT = 1_000
const SILENCE = 4_000

/** Asks from time to time whether somebody is there, because not every end of a line is told: returns when an answer stays
 *  away. The engine answers within milliseconds whatever it computes. */
async function untilSilent(api: Api, wait: (milliseconds: number) => Promise<void>): Promise<void> {
  for (;;) {
    await wait(BEAT)
    const answered = await Promise.race([api.system.hello().then(() => true), wait(SILENCE).then(() => false)])
    if (!answered) return
  }
}

const sleep = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

/** Keeps a line open for ever: opens, works, and when it is gone opens another, with growing pauses while nobody answers. */
export async function keepConnected({ open, session, away, wait = sleep, signal }: Keeper): Promise<void> {
  for (let attempt = 0; !signal?.aborted; attempt++) {
    let link: Link | undefined
    try {
      link = await open()
      const worked = session(link.api).then(() => {
        throw new Error('The stream of events ended.')
      })
      const lost = link.closed.then(() => {
        throw new Error('The line to the engine was closed.')
      })
      const silent = untilSilent(link.api, wait).then(() => {
        throw new Error('The engine fell silent.')
      })
      attempt = 0
      await Promise.race([worked, lost, silent])
    } catch (error) {
      if (!signal?.aborted) away(error)
    }
    link?.close()
    if (!signal?.aborted) await wait(backOff(attempt))
  }
}
