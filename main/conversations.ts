import { StandardRPCHandler } from '@orpc/server/standard'
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer'
import { ServerPeer } from '@orpc/standard-server-peer'
import { router } from '../app/api/router.ts'
import type { Studio } from '../app/api/studio.ts'

/** Characters or bytes of a conversation that may be on their way to a page that has not taken them. */
const WINDOW = 2 ** 20
/** Answers that may wait for that; a page that asks on and takes nothing is cut off. */
const MOST_WAITING = 1000

/** Sends what a conversation says. Resolves when the pipe has room for more. */
export type Say = (kind: 'data' | 'close', data?: string | Uint8Array) => Promise<void>

/** The engine's ends of the conversations that pages have with its API: oRPC's peer protocol, each held back by itself. */
export class Conversations {
  readonly #handle: ReturnType<typeof createServerPeerHandleRequestFn>
  readonly #log: (line: string) => void
  readonly #open = new Map<number, Conversation>()

  constructor(context: { readonly studio: Studio }, log: (line: string) => void) {
    this.#handle = createServerPeerHandleRequestFn(new StandardRPCHandler(router), { context })
    this.#log = log
  }

  open(id: number, say: Say): void {
    this.close(id)
    this.#open.set(id, new Conversation(say))
  }

  /** A message of the page. One that cannot be understood ends the conversation, with a message; the others go on. */
  async hear(id: number, data: string | Uint8Array): Promise<void> {
    const conversation = this.#open.get(id)
    if (!conversation) return
    try {
      await conversation.peer.message(data, this.#handle)
    } catch (error) {
      if (!this.#open.has(id)) return
      this.#log(`Conversation ${id} is closed: ${error instanceof Error ? error.message : error}`)
      this.close(id)
      await conversation.say('close')
    }
  }

  /** The page has taken so much of what was sent. */
  taken(id: number, units: number): void {
    this.#open.get(id)?.taken(units)
  }

  close(id: number): void {
    this.#open.get(id)?.end()
    this.#open.delete(id)
  }

  closeAll(): void {
    for (const id of [...this.#open.keys()]) this.close(id)
  }
}

/** One conversation: answers wait while the page has too much that it has not taken. */
class Conversation {
  readonly peer: ServerPeer
  readonly say: Say
  #onTheWay = 0
  #isEnded = false
  #waiting: { readonly length: number; readonly go: () => void }[] = []

  constructor(say: Say) {
    this.say = say
    this.peer = new ServerPeer(async message => {
      const data = typeof message === 'string' || message instanceof Uint8Array ? message : new Uint8Array(message)
      // Counted in the same breath as it is looked at: many answers come here at once.
      if (this.#onTheWay < WINDOW && this.#waiting.length === 0) this.#onTheWay += data.length
      else await this.#turn(data.length)
      if (!this.#isEnded) await say('data', data)
    })
  }

  taken(units: number): void {
    this.#onTheWay = Math.max(0, this.#onTheWay - units)
    while (this.#onTheWay < WINDOW) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#onTheWay += next.length
      next.go()
    }
  }

  end(): void {
    this.#isEnded = true
    this.peer.close()
    for (const { go } of this.#waiting.splice(0)) go()
  }

  #turn(length: number): Promise<void> {
    if (this.#isEnded) return Promise.resolve()
    if (this.#waiting.length >= MOST_WAITING) throw new Error('the page takes nothing of what it asks for')
    return new Promise(go => this.#waiting.push({ length, go }))
  }
}
