import { type KeyboardEvent, useRef } from 'react'
import { t } from '../language/language.ts'
import { useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { emptyWords, forgetModel, openGetModels, shownModels, takeToStudio, useModels } from '../state/models.ts'
import { ModelCard } from './ModelCard.tsx'
import { useAllModels } from './use-all-models.ts'

/** All models as cards: one stop of the Tab key, arrow keys walk, Space opens the details, Enter uses the model,
 *  Delete takes it from the list. */
export function Cards() {
  const models = useAllModels()
  const presence = useEngine(state => state.presence)
  const { group, words, opened } = useModels()
  const { model: inUse } = useForm()
  const list = useRef<HTMLDivElement>(null)
  const shown = shownModels(models, { group, words })
  if (models.length === 0 && presence !== 'here') return <div className="models-grid shapes" aria-hidden="true" />
  if (shown.length === 0) {
    return (
      <div className="nothing">
        <p>{emptyWords(group, words)}</p>
        {words.trim() === '' && (
          <button type="button" className="link" onClick={openGetModels}>
            {t('Get models')}
          </button>
        )}
      </div>
    )
  }
  const stop = shown.find(({ id }) => id === opened) ?? shown.find(({ id }) => id === inUse?.id) ?? shown[0]
  const walk = (event: KeyboardEvent) => {
    const cards = [...(list.current?.querySelectorAll<HTMLElement>('[role=option]') ?? [])]
    const at = cards.findIndex(card => card.contains(event.target instanceof Node ? event.target : null))
    const model = shown[at]
    if (event.key === 'Enter' && model !== undefined && model.problem === undefined) {
      event.preventDefault()
      takeToStudio(model)
      return
    }
    if (event.key === 'Delete' && model !== undefined && !model.embedded) {
      event.preventDefault()
      cards[at === shown.length - 1 ? at - 1 : at + 1]?.focus()
      void forgetModel(model)
      return
    }
    const to = at + stepOf(event.key, cards, at)
    if (to === at || cards[to] === undefined) return
    event.preventDefault()
    cards[to].focus()
  }
  return (
    <div
      className="models-grid"
      role="listbox"
      aria-label={t('Models on this computer')}
      data-region="models"
      ref={list}
      onKeyDown={walk}
    >
      {shown.map(model => (
        <ModelCard
          key={model.id}
          model={model}
          isInUse={model.id === inUse?.id}
          isOpen={model.id === opened}
          isStop={model.id === stop?.id}
        />
      ))}
    </div>
  )
}

/** How many cards an arrow key goes; up and down go by a row. */
function stepOf(key: string, cards: readonly HTMLElement[], at: number): number {
  const top = cards[0]?.offsetTop
  const inRow = cards.findIndex(card => card.offsetTop !== top)
  const row = inRow === -1 ? cards.length : inRow
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }
  if (key === 'Home') return -at
  if (key === 'End') return cards.length - 1 - at
  return steps[key] ?? 0
}
