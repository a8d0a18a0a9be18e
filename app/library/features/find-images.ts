import { labOfHex } from '../../tensor/oklab.ts'
import type { ImagePage, Images } from '../images.ts'
import type { ImageQuery } from '../records.ts'
import { parseSearch } from '../search.ts'
import type { Found } from './feature-index.ts'
import type { PictureFeatures } from './picture-features.ts'

/** A page of pictures: the newest first, or where the search asks for what they look like, the nearest first.
 *  @throws Problem CURSOR_INVALID, IMAGE_UNKNOWN */
export async function findImages(images: Images, features: PictureFeatures, query: ImageQuery): Promise<ImagePage> {
  const { colours, similar } = parseSearch(query.search ?? '')
  if (colours.length + similar.length === 0) return images.list(query)
  let among = images.hashesOf(query)
  let found: readonly Found[] = []
  const narrow = (next: readonly Found[]) => {
    found = next
    among = new Set(next.map(({ hash }) => hash))
  }
  for (const hex of colours) {
    const colour = labOfHex(hex)
    narrow(colour === undefined ? [] : await features.nearColour(colour, among))
  }
  for (const id of similar) narrow(await features.like(images.get(id).hash, among))
  return images.list(
    query,
    found.map(({ hash }) => hash),
  )
}
