import { RPCHandler } from '@orpc/server/message-port'
import { type Change, newLayer } from '../../app/api/documents.ts'
import { drawInto } from '../canvas/actions/draw-into.ts'
import { change, settled } from '../canvas/actions/edits.ts'
import { stageIfOpen } from '../canvas/actions/stage.ts'
import { keepTiles } from '../canvas/actions/tiles.ts'
import { identity } from '../canvas/raster/affine.ts'
import { useDocument } from '../state/document.ts'
import { standIn } from './stand-in.ts'
import { standInTiles } from './stand-in-documents.ts'

/** The whole page on an engine in memory, for measuring the canvas. `window.bench` makes documents that are as large as asked for. */

// Tiles lie in memory here; the page asks for them as it asks the app.
const fetched = window.fetch.bind(window)
window.fetch = async (input, init) => {
  const tile = typeof input === 'string' ? standInTiles.get(input.replace('blob/', '')) : undefined
  return tile === undefined ? await fetched(input, init) : new Response(tile)
}

const engine = standIn({ pictures: [], library: 0, pace: 60, preview: async () => '' })
const handler = new RPCHandler(engine.router)
Object.assign(window, {
  sfumato: {
    platform: 'linux',
    connect: () => {
      const { port1, port2 } = new MessageChannel()
      handler.upgrade(port1)
      port1.start()
      window.postMessage({ type: 'sfumato:port' }, '*', [port2])
    },
  },
  bench: {
    ...{ make, settled, isSaved: () => useDocument.getState().saveState.is === 'saved' },
    /** Bytes of fine pixels in memory, and whether all that is looked at is among them. */
    fineBytes: () => stageIfOpen()?.store.heldBytes ?? 0,
    isSharp: () => stageIfOpen()?.store.isTended ?? true,
  },
})

/** A document of so many layers, all of them painted from edge to edge: a ground, and veils of strokes that let it through. */
async function make(side: number, count: number): Promise<void> {
  const blends = [
    'normal',
    'multiply',
    'normal',
    'screen',
    'normal',
    'normal',
    'overlay',
    'normal',
    'normal',
    'normal',
  ] as const
  const layers = Array.from({ length: count }, (_, k) =>
    newLayer({
      kind: 'paint',
      name: `Layer ${k + 1}`,
      blend: blends[k % blends.length] ?? 'normal',
      opacity: k === 0 ? 1 : 0.8,
    }),
  )
  const frame = { x: 0, y: 0, width: side, height: side }
  const changes: Change[] = [
    { type: 'set-document', fields: { width: side, height: side, frame } },
    ...layers.map((layer, index): Change => ({ type: 'add-layer', layer, index })),
  ]
  await change({ label: 'Make', changes })
  await new Promise(resolve => setTimeout(resolve, 100))
  for (const [k, layer] of layers.entries()) {
    const keys = drawInto(layer, frame, identity, {}, context => paint(context, side, k))
    await keepTiles('Paint', layer.id, keys)
    await new Promise(resolve => setTimeout(resolve, 0))
  }
  await settled()
}

function paint(context: OffscreenCanvasRenderingContext2D, side: number, k: number): void {
  if (k === 0) {
    const ground = context.createLinearGradient(0, 0, side, side)
    ground.addColorStop(0, '#334455')
    ground.addColorStop(1, '#ddbb99')
    context.fillStyle = ground
    context.fillRect(0, 0, side, side)
  }
  context.lineWidth = side / 40
  for (let line = 0; line < 24; line++) {
    context.strokeStyle = `hsl(${(k * 67 + line * 15) % 360} 70% 55% / 0.5)`
    context.beginPath()
    context.moveTo(0, ((line * 7 + k * 3) % 24) * (side / 24))
    context.bezierCurveTo(side / 3, side, (side * 2) / 3, 0, side, (line * side) / 24)
    context.stroke()
  }
}

await import('../main.tsx')
