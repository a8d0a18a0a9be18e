import { type Layer, newLayer, type StudioDocument } from '../../app/api/documents.ts'
import { drawInto } from '../canvas/actions/draw-into.ts'
import { renderRegion } from '../canvas/actions/region.ts'
import { openStage } from '../canvas/actions/stage.ts'
import { identity } from '../canvas/raster/affine.ts'
import type { Rectangle } from '../canvas/raster/rectangle.ts'
import { useDocument } from '../state/document.ts'

/** A document of filled rectangles, and what `renderRegion` makes of it, for a test: `window.region`. */

interface Filled {
  readonly layer: Partial<Layer> & Pick<Layer, 'kind'>
  readonly area: Rectangle
  readonly colour: string
}

const canvas = document.querySelector('canvas')
if (canvas !== null) openStage(canvas)

function make(size: { width: number; height: number }, filled: readonly Filled[]): void {
  const layers = filled.map(({ layer }, k) => newLayer({ name: `Layer ${k}`, ...layer }))
  const frame = { x: 0, y: 0, ...size }
  const document: StudioDocument = { id: 'test', name: 'Test', ...size, frame, layers }
  useDocument.setState({ document })
  for (const [k, { area, colour }] of filled.entries()) {
    const layer = layers[k]
    if (layer === undefined) continue
    drawInto(layer, area, identity, {}, (context, { x, y, width, height }) => {
      context.fillStyle = colour
      context.fillRect(x, y, width, height)
    })
  }
}

/** RGBA of a PNG, and its size. */
async function pixels(bytes: Uint8Array<ArrayBuffer>) {
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }), { premultiplyAlpha: 'none' })
  const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d')
  context?.drawImage(picture, 0, 0)
  const { width, height } = picture
  return { width, height, data: [...(context?.getImageData(0, 0, width, height).data ?? [])] }
}

async function render(area: Rectangle, size: { width: number; height: number }) {
  const { picture, mask } = await renderRegion(area, size)
  return { picture: await pixels(picture), mask: mask && (await pixels(mask)) }
}

Object.assign(window, { region: { make, render } })
