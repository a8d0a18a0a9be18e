import { isOfKind, type Layer } from '../../app/api/documents.ts'
import { misproportion } from '../../app/api/pose.ts'
import { changeLater, keptDocument } from '../canvas/actions/edits.ts'
import { documentNow } from '../canvas/actions/stage.ts'
import { refusal } from '../canvas/actions/strokes.ts'
import { say, sayFailure } from '../state/toasts.ts'
import { readOne } from './open-files.ts'
import { placeInFrame } from './placing.ts'

/** Puts the picture of a file onto a control layer in place of what is on it. One of other proportions than the frame's covers it, cut, until
 *  another way is chosen. */
export async function openOnControl({ id }: Layer, chosen: File): Promise<void> {
  const layer = keptDocument().layers.find(each => each.id === id)
  if (layer === undefined || !isOfKind(layer, 'control')) return
  const why = refusal(layer)
  if (why !== undefined) return say(why)
  try {
    await changeLater(async () => {
      const { file, cut } = await readOne(chosen, chosen.name)
      const [picture] = cut.filter(each => each !== undefined)
      const { frame } = documentNow()
      const resize = misproportion(file, frame) === undefined ? undefined : (layer.settings.resize ?? 'fill')
      const fields = { transform: placeInFrame(file, frame), settings: { ...layer.settings, resize } }
      const label = `Picture for ${layer.name}`
      const emptied = Object.fromEntries(Object.keys(layer.tiles).map(place => [place, null]))
      return {
        edit: {
          label,
          changes: [
            { type: 'set-tiles', id, tiles: { ...emptied, ...picture?.tiles } },
            { type: 'set-layer', id, fields },
          ],
        },
        ...(picture !== undefined && { tiles: picture.bytes }),
      }
    })
  } catch (error) {
    sayFailure(error)
  }
}
