import { useMemo } from 'react'
import { t } from '../../language/language.ts'
import type { ReadToken } from '../../state/api.ts'
import { useTokenView } from '../../state/asking.ts'

/** The prompt as the model reads it: each token by itself, where a part ends, what is cut off. */
export function TokenLine() {
  const view = useTokenView()
  const text = view?.text ?? ''
  const tokens = useMemo(() => drawn(view?.tokens ?? [], text), [view, text])
  if (view === undefined || tokens.length === 0) return null
  return (
    <section className="tokens" aria-label={t('Tokens of the prompt')} data-testid="tokens">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <ol className="tokens-list" tabIndex={0}>
        {tokens.map(({ token, words, begins }, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: tokens are their places
            key={index}
            className={['piece', token.isCut && 'cut-off', begins && 'begins'].filter(Boolean).join(' ')}
            title={told(token)}
            data-chunk={token.chunk + 1}
          >
            {words}
            {token.weight !== 1 && !token.isCut && <sup className="num">{short(token.weight)}</sup>}
          </li>
        ))}
      </ol>
      {view.changes && (
        <p className="t12 t3">{t('At other steps the prompt says something else; this is its longest.')}</p>
      )}
    </section>
  )
}

const short = (weight: number): string => String(Number(weight.toFixed(2)))

function told({ id, weight, chunk, isCut }: ReadToken): string {
  if (isCut) return t('Token {id}: cut off, the model does not read it', { id })
  return t('Token {id}, weight {weight}, part {part}', { id, weight: short(weight), part: chunk + 1 })
}

/** What is written on each token. Of several that stand for one character, the first shows it. */
function drawn(tokens: readonly ReadToken[], text: string) {
  return tokens.map((token, k) => {
    const before = tokens[k - 1]
    const isMore = before !== undefined && before.start === token.start && before.end === token.end
    const words = isMore || token.start === token.end ? '·' : text.slice(token.start, token.end)
    return { token, words, begins: before !== undefined && before.chunk !== token.chunk }
  })
}
