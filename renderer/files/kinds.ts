/** What files look like before anybody has read them. */

const PICTURES = /\.(png|jpe?g|webp|avif|tiff?|gif|psd|svg)$/i

type Named = Pick<File, 'name' | 'type'>

export const looksLikePicture = ({ name, type }: Named): boolean => PICTURES.test(name) || type.startsWith('image/')

/** Kinds of file that never hold a recipe: they can only be layers. */
export const isOnlyLayers = ({ name }: Named): boolean => /\.(psd|svg)$/i.test(name)

/** Pictures that are opened at once. */
export const mostAtOnce = 100

/** "1 picture", "2 pictures". */
export const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

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
  const where = folders.length === 1 ? ` of “${folders[0]}”` : folders.length > 1 ? ` of ${folders.length} folders` : ''
  const left = [
    found.length > pictures.length &&
      `There are ${found.length}${isCut ? ' or more' : ''}; the first ${mostAtOnce} by name are taken.`,
    others > 0 && `${many(others, 'other file')} ${others === 1 ? 'is' : 'are'} left out.`,
  ]
  return {
    pictures,
    title: `Open ${many(pictures.length, 'picture')}${where}?`,
    words: ['Each becomes a layer of this document; one undo takes all of them back.', ...left]
      .filter(Boolean)
      .join(' '),
  }
}
