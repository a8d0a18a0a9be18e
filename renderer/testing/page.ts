import { RPCHandler } from '@orpc/server/message-port'
import { standIn, type World } from './stand-in.ts'

/** The whole page on an engine in memory: `pictures.json` beside the page lists what it can draw, `?library=` how much is
 *  there already, `?pace=` the milliseconds of a step. `window.hand` makes things happen that are hard to provoke. */

const asked = new URLSearchParams(location.search)
const pictures: World['pictures'] = await (await fetch('../pictures.json')).json()

/** The picture as it would look after a part of the steps: few pixels, and noise that goes. */
async function preview(hash: string, share: number): Promise<string> {
  const image = new Image()
  image.src = `blob/${hash}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 32
  const context = canvas.getContext('2d')
  if (context === null) return ''
  context.drawImage(image, 0, 0, 32, 32)
  const pixels = context.getImageData(0, 0, 32, 32)
  for (let i = 0; i < pixels.data.length; i++) {
    if (i % 4 !== 3) pixels.data[i] = (pixels.data[i] ?? 0) * share + Math.random() * 255 * (1 - share)
  }
  context.putImageData(pixels, 0, 0)
  return canvas.toDataURL()
}

const engine = standIn({
  pictures,
  library: Number(asked.get('library') ?? 0),
  pace: Number(asked.get('pace') ?? 60),
  preview,
})
const handler = new RPCHandler(engine.router)
let line: MessageChannel | undefined

const connect = () => {
  line = new MessageChannel()
  handler.upgrade(line.port1)
  line.port1.start()
  window.postMessage({ type: 'sfumato:port' }, '*', [line.port2])
}
let reachable = true
Object.assign(window, {
  sfumato: { platform: 'linux', connect: () => reachable && connect() },
  hand: {
    ...engine,
    cut: (milliseconds: number) => {
      reachable = false
      line?.port1.close()
      window.postMessage({ type: 'sfumato:closed' }, '*')
      setTimeout(() => {
        reachable = true
      }, milliseconds)
    },
  },
})
await import('../main.tsx')
