import type { Layer } from '../../../app/api/documents.ts'
import { say } from '../../state/toasts.ts'
import { inverse } from '../raster/affine.ts'
import { dropSurface } from '../raster/surface.ts'
import { drawInto } from './draw-into.ts'
import { drawn, pictureTree, readyToDraw } from './region.ts'
import { documentNow, stage } from './stage.ts'
import { refusal } from './strokes.ts'
import { keepTiles } from './tiles.ts'

/** Copies the picture in the frame into a control layer, which then is made into a control picture as the layer says. */
export async function takePicture(layer: Layer): Promise<void> {
  const why = refusal(layer)
  if (why !== undefined) return say(why)
  const document = documentNow()
  const { frame } = document
  await Promise.all([readyToDraw(frame, frame), stage().store.loaded(layer.id)])
  const picture = drawn(pictureTree(document), frame, frame)
  const keys = drawInto(layer, frame, inverse(layer.transform), {}, context =>
    context.drawImage(picture.canvas, frame.x, frame.y),
  )
  dropSurface(picture)
  await keepTiles(`Picture for ${layer.name}`, layer.id, keys)
}
