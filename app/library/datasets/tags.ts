/** A caption as tags: what stands between commas. */
export const tagsOf = (caption: string): string[] =>
  caption
    .split(',')
    .map(tag => tag.trim())
    .filter(tag => tag !== '')

/** What is done to the tags of captions, in this order. */
export interface TagEdit {
  readonly remove?: readonly string[] | undefined
  readonly replace?: readonly { readonly from: string; readonly to: string }[] | undefined
  /** Before all others: a trigger word, say. */
  readonly addFirst?: readonly string[] | undefined
  readonly addLast?: readonly string[] | undefined
}

/** A caption with its tags edited; each tag stands once. Upper and lower case do not count where tags are found. */
export function editTags(caption: string, edit: TagEdit): string {
  const same = (a: string, b: string) => a.toLowerCase() === b.trim().toLowerCase()
  const { remove = [], replace = [], addFirst = [], addLast = [] } = edit
  const kept = tagsOf(caption).filter(tag => !remove.some(other => same(tag, other)))
  const replaced = kept.flatMap(tag => {
    const found = replace.find(({ from }) => same(tag, from))
    return found ? tagsOf(found.to) : [tag]
  })
  const added = [...addFirst.flatMap(tagsOf), ...replaced, ...addLast.flatMap(tagsOf)]
  return added.filter((tag, k) => added.findIndex(other => same(other, tag)) === k).join(', ')
}
