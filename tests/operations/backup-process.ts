/** Backs a sample up into the store of BACKUP_STORE, in small parts, in a process that can be killed. */
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import { openStore } from "../../operations/backup/store/open-store.ts";
import { sampleContent } from "../aleo/backup/samples.ts";

const store = await openStore(undefined, { network: "local", backups: undefined }, process.env);
await writeBackup(store, sampleContent(40), { partBytes: 500 });
store.close();
