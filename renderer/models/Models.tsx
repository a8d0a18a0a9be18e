import { Search } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '../components/Button.tsx'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import { useEngine } from '../state/engine.ts'
import { openMerging } from '../state/merging.ts'
import { groupChoices, openGetModels, readKnown, readModels, useModels } from '../state/models.ts'
import { AddColumn } from './AddColumn.tsx'
import { Cards } from './Cards.tsx'
import { useAllModels } from './use-all-models.ts'

/** The room with everything that can be loaded, and the one place that uses the network. */
export function Models() {
  const models = useAllModels()
  const presence = useEngine(state => state.presence)
  const { group, words, plan, columnOpen } = useModels()
  useEffect(() => {
    // A command may have added some since the page was opened.
    void readModels()
    void readKnown()
  }, [])
  return (
    <main className={columnOpen ? 'models column-open' : 'models'} data-testid="models">
      <h1 className="sr">{t('Models')}</h1>
      <div className="models-middle">
        <div className="models-bar" data-region="models-bar">
          <Segmented
            label={t('Kind')}
            value={group}
            choices={groupChoices(models)}
            onChange={next => useModels.setState({ group: next })}
          />
          <span className="grow" />
          <label className="field find-model">
            <Search size={14} strokeWidth={1.5} aria-hidden="true" />
            <span className="sr">{t('Find a model')}</span>
            <input
              type="text"
              placeholder={t('Find a model')}
              value={words}
              data-region-focus
              onChange={event => useModels.setState({ words: event.target.value })}
              onKeyDown={event => {
                if (event.key !== 'Escape' || words === '') return
                event.preventDefault()
                useModels.setState({ words: '' })
              }}
              data-testid="find-model"
            />
          </label>
          <Button small onClick={() => openMerging()} data-testid="open-merge">
            {t('Merge…')}
          </Button>
          <Button
            small
            look={plan === undefined ? 'primary' : 'quiet'}
            onClick={() => (columnOpen && isOverlay() ? useModels.setState({ columnOpen: false }) : openGetModels())}
            data-testid="get-models"
          >
            {t('Get models')}
          </Button>
        </div>
        {presence !== 'here' && (
          <p className="note models-away">
            {t('The engine is starting. Models that are here are listed as soon as it is there.')}
          </p>
        )}
        <Cards />
      </div>
      <AddColumn />
    </main>
  )
}

/** Whether the column lies over the cards instead of beside them. */
const isOverlay = () => matchMedia('(max-width: 1099px)').matches
