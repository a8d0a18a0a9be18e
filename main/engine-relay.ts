import type { MessagePortMain } from 'electron'
import type { Channel } from './engine-process.ts'

/** Joins a page's port to a wire: what one end says the other hears, and when one end is gone the other is closed. */
export function relay(port: MessagePortMain, channel: Channel): void {
  port.on('message', ({ data }) => {
    // Anything else did not come from the page's API client; the engine would not understand it.
    if (typeof data === 'string' || data instanceof Uint8Array) channel.send(data)
    else if (data instanceof ArrayBuffer) channel.send(new Uint8Array(data))
  })
  port.on('close', () => channel.close())
  channel.onMessage(message => port.postMessage(message))
  channel.onClose(() => port.close())
  port.start()
}
