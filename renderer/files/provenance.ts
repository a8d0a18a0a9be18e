import type { Origin } from '../../app/api/origin.ts'
import { isPicture } from '../canvas/raster/layer-tree.ts'
import type { Image, Layer } from '../state/api.ts'

/** What a document's picture is made of, as far as its layers tell. */
export interface Provenance {
  /** Absent: no model had a part in it. */
  readonly origin?: Origin
  /** The topmost picture that a model made, whose recipe the file can carry. */
  readonly image?: Image
}

/** @param images of the library, by id: those that layers came from */
export function provenanceOf(layers: readonly Layer[], images: ReadonlyMap<string, Image>): Provenance {
  const seen = layers.filter(layer => isPicture(layer) && layer.kind !== 'group' && layer.isVisible)
  const sources = seen.map(layer => images.get(sourceOf(layer) ?? ''))
  const image = sources.findLast(found => found?.recipe !== undefined)
  if (image === undefined) return {}
  const isMade = sources.every(found => found?.recipe?.parents.length === 0)
  return { image, origin: isMade ? 'made' : 'changed' }
}

/** The picture of the library that a layer came from. */
export const sourceOf = ({ settings }: Layer): string | undefined =>
  'source' in settings ? (settings.source ?? undefined) : undefined
