import { t } from '../language/language.ts'
import { countWords } from '../state/words.ts'

/** What files look like before anybody has read them. */

const PICTURES = /\.(png|jpe?g|webp|avif|tiff?|gif|psd|svg)$/i

/** What a file chooser is told of pictures of one layer, upright or turned. */
export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/avif,image/gif,image/bmp,image/tiff'

type Named = Pick<File, 'name' | 'type'>

export const looksLikePicture = ({ name, type }: Named): boolean => PICTURES.test(name) || type.startsWith('image/')

/** Kinds of file that never hold a recipe: they can only be layers. */
export const isOnlyLayers = ({ name }: Named): boolean => /\.(psd|svg)$/i.test(name)

/** Pictures that are opened at once. */
export const mostAtOnce = 100

/** What is asked before many files are opened, and what of them is taken. */
export interface Question {
  readonly pictures: readonly File[]
  readonly title: string
  readonly words: string
}

/** @param folders names of the folders that they lay in */
export function questionOf(files: readonly File[], folders: readonly string[], isCut = false): Question {
  const found = files
    .filter(looksLikePicture)
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
  const pictures = found.slice(0, mostAtOnce)
  const others = files.length - found.length
  const asked = { pictures: countWords(pictures.length), folder: folders[0] ?? '', count: folders.length }
  const title =
    folders.length === 0
      ? t('Open {pictures}?', asked)
      : t(folders.length === 1 ? 'Open {pictures} of “{folder}”?' : 'Open {pictures} of {count} folders?', asked)
  const counts = { count: found.length, most: mostAtOnce }
  const left = [
    found.length > pictures.length &&
      (isCut
        ? t('There are {count} or more; the first {most} by name are taken.', counts)
        : t('There are {count}; the first {most} by name are taken.', counts)),
    others > 0 && t('{count} other files are left out.', { count: others }),
  ]
  return {
    pictures,
    title,
    words: [t('Each becomes a layer of this document; one undo takes all of them back.'), ...left]
      .filter(Boolean)
      .join(' '),
  }
}
