import type { Image } from './api.ts'
import { useGallery } from './gallery.ts'

const KIND = 'application/x-sfumato-pictures'

/** Takes pictures along: all that are selected, if the one under the hand is among them. */
export function drag(transfer: DataTransfer, { id }: Pick<Image, 'id'>): void {
  const { selected } = useGallery.getState()
  transfer.effectAllowed = 'copy'
  transfer.setData(KIND, JSON.stringify(selected.has(id) ? [...selected] : [id]))
}

export const carriesPictures = (transfer: DataTransfer): boolean => transfer.types.includes(KIND)

/** Ids of the pictures that are dropped; none where it is something else. */
export function droppedPictures(transfer: DataTransfer): string[] {
  try {
    const ids: unknown = JSON.parse(transfer.getData(KIND))
    return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : []
  } catch {
    return []
  }
}
