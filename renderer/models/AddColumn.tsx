import { t } from '../language/language.ts'
import { useEngine } from '../state/engine.ts'
import { useModels } from '../state/models.ts'
import { AddFiles } from './AddFiles.tsx'
import { DownloadCard } from './DownloadCard.tsx'
import { GetModels, KnownModels } from './GetModels.tsx'
import { ModelDetails } from './ModelDetails.tsx'
import { Refusals } from './Refusals.tsx'
import { useAllModels } from './use-all-models.ts'

/** Beside the cards: details of the opened one, the ways to add and to get models, what is on its way, what was refused. */
export function AddColumn() {
  const models = useAllModels()
  const downloads = useEngine(state => state.downloads)
  const opened = useModels(state => state.opened)
  const model = models.find(({ id }) => id === opened)
  const newestFirst = Object.values(downloads).toSorted((a, b) => b.agreedAt - a.agreedAt)
  return (
    <aside className="models-column" aria-label={t('Details, adding and getting models')}>
      {model !== undefined && <ModelDetails model={model} />}
      <AddFiles />
      <Refusals from="disk" />
      <GetModels />
      {newestFirst.map(download => (
        <DownloadCard key={download.id} download={download} />
      ))}
      <Refusals from="hub" />
      <KnownModels />
    </aside>
  )
}
