import type { Recipe } from '../records.ts'
import { readA1111, writeA1111 } from './a1111.ts'
import { readComfyUi } from './comfyui.ts'
import { readInvokeAi } from './invokeai.ts'
import { originOf, readOrigin, XMP_KEYWORD } from './origin.ts'
import { readTexts, writeTexts } from './png-text.ts'
import { exactJson, recipeOfJson } from './recipe-json.ts'

/** Keywords of the texts: the one that many programs read, and ours, which is complete and exact. */
const keywords = { a1111: 'parameters', invokeai: 'invokeai_metadata', sfumato: 'sfumato' } as const
/** What ran, and what was shown: ComfyUI's. */
const comfyKeywords = { prompt: 'prompt', workflow: 'workflow' } as const

/** A recipe and the text that it was read from. */
export interface FoundRecipe {
  readonly recipe: Recipe
  readonly source: keyof typeof keywords | 'comfyui'
}

/** Puts a recipe into a sound PNG: as JSON (`sfumato`) and as A1111's text (`parameters`). Pixels are not touched.
 *  @param saysOrigin whether the file says for machines that a model made it (origin.ts) */
export function embedRecipe(
  png: Uint8Array,
  recipe: Recipe,
  { saysOrigin }: { readonly saysOrigin: boolean },
): Uint8Array {
  const origin = saysOrigin ? [[XMP_KEYWORD, originOf(recipe)] as const] : []
  return writeTexts(png, new Map([...recipeTexts(recipe), ...origin]))
}

/** The texts that a PNG carries a recipe in, by their keywords: the one that many programs read, and the exact one. */
export const recipeTexts = (recipe: Recipe): [keyword: string, text: string][] => [
  [keywords.a1111, writeA1111(recipe)],
  [keywords.sfumato, exactJson(recipe)],
]

/** Whether a PNG says for machines that a model made or changed it. Any bytes are safe. */
export const originIn = (png: Uint8Array): 'made' | 'changed' | undefined =>
  readOrigin(readTexts(png, [XMP_KEYWORD]).get(XMP_KEYWORD) ?? '')

/** Reads the recipe that a PNG carries, ours before InvokeAI's, A1111's and ComfyUI's; undefined where there is none. Any bytes are safe.
 *  What a recipe says is a stranger's word: its parameters are checked by the operation before they are used. */
export function readRecipe(png: Uint8Array): FoundRecipe | undefined {
  const texts = readTexts(png, [...Object.values(keywords), ...Object.values(comfyKeywords)])
  const own = recipeOfJson(texts.get(keywords.sfumato) ?? '')
  if (own) return { recipe: own, source: 'sfumato' }
  const invoked = readInvokeAi(texts.get(keywords.invokeai) ?? '')
  if (invoked) return { recipe: invoked, source: 'invokeai' }
  const other = readA1111(texts.get(keywords.a1111) ?? '')
  if (other) return { recipe: other, source: 'a1111' }
  const graph = readComfyUi(texts.get(comfyKeywords.prompt) ?? '', texts.get(comfyKeywords.workflow) ?? '')
  return graph && { recipe: graph, source: 'comfyui' }
}
