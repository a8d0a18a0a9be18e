import { implement } from '@orpc/server'
import { contract, type Image, type StudioEvent, type Style } from '../../app/api/contract.ts'

/** Prompts of the pictures that there are. */
export function standInPrompts(images: () => readonly Image[]) {
  const os = implement(contract).prompts
  const prompts = () => {
    const all = images().map(({ recipe }) => String(recipe?.parameters.prompt ?? ''))
    return [...new Set(all.reverse())]
  }
  return {
    suggest: os.suggest.handler(({ input }) => {
      const begins = input.words.trim().toLowerCase()
      const pieces = prompts().flatMap(prompt => prompt.split(',').map(piece => piece.trim()))
      const phrases = begins.length < 2 ? [] : pieces.filter(piece => piece.toLowerCase().startsWith(begins))
      return { phrases: [...new Set(phrases)].slice(0, input.limit), words: [] }
    }),
    recent: os.recent.handler(({ input }) => ({ prompts: prompts().slice(0, input.limit) })),
    wildcards: os.wildcards.handler(() => ({ names: ['animal', 'colour'] })),
  }
}

/** Styles, of which each page hears. */
export function standInStyles(tell: (event: StudioEvent) => void) {
  const os = implement(contract).styles
  let styles: readonly Style[] = [{ name: 'Ink', prompt: 'ink drawing of {prompt}', negative: '', parameters: {} }]
  const put = (next: readonly Style[]) => {
    styles = next
    tell({ type: 'styles', styles: [...styles] })
    return [...styles]
  }
  return {
    list: os.list.handler(() => [...styles]),
    save: os.save.handler(({ input }) => put([...styles.filter(({ name }) => name !== input.name), input])),
    remove: os.remove.handler(({ input }) => put(styles.filter(({ name }) => name !== input.name))),
    import: os.import.handler(() => ({ imported: 0 })),
  }
}
