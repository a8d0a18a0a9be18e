import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { RouterClient } from '@orpc/server'
import type { Router } from '../../app/api/router.ts'
import type { Channel } from '../../main/engine-process.ts'

/** A page's end of the engine, without a page; and the programs with the slow operation. Usable outside a test, too. */

/** Of a program of the tests. */
export const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export const slowWorker = pathOf('slow-worker.ts')
export const slowEngine = pathOf('slow-engine.ts')
export const models = pathOf('../../native-models')

export type Client = RouterClient<Router>

/** A page's client over a conversation with an engine. */
export function clientOver(channel: Channel): Client {
  const { port1, port2 } = new MessageChannel()
  port2.on('message', (data: string | Uint8Array) => channel.send(data))
  port2.unref()
  channel.onMessage(data => port2.postMessage(data))
  channel.onClose(() => port2.close())
  port1.start()
  return createORPCClient(new RPCLink({ port: port1 }))
}

/** A job of the slow operation. */
export const request = (parameters: Record<string, unknown>) => ({
  operation: 'slow',
  model: 'sticker-world',
  parameters,
})

/** A step of ten minutes, as a large model on a slow machine may have: the worker's thread hears nothing meanwhile. */
export const longStep = request({ steps: 9, milliseconds: 600_000 })

/** Process ids of a process's children (Linux). */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}

/** The worker of an engine: the child that is not just probing a graphics card. */
export function workerOf(engine: number): number | undefined {
  return childrenOf(engine).find(pid => {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return command.includes('worker') && !command.includes('--probe')
  })
}
