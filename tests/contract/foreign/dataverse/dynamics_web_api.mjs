// Work of a program on dynamics-web-api. Each piece of work answers with what the client gave it, or with its error;
// all answers go to stdout as one JSON object by name. Settings come from the environment.
import { createRequire } from "node:module";

const { DynamicsWebApi } = createRequire(process.env.CLIENT_HOME + "/")("dynamics-web-api");
const token = async () => process.env.DATAVERSE_TOKEN;
const api = new DynamicsWebApi({
  serverUrl: process.env.DATAVERSE_URL,
  dataApi: { version: "9.2" },
  onTokenRefresh: token,
});
const rows = "dwa_lamps";
const error = (exc) => ({ status: exc.status, code: exc.error?.code ?? exc.code, message: exc.error?.message ?? exc.message });
const refused = async (work) => work().then((value) => ({ unexpected: value }), error);

function text(name, more = {}) {
  return {
    "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata",
    SchemaName: name,
    MaxLength: 100,
    RequiredLevel: { Value: "None" },
    DisplayName: label(name),
    ...more,
  };
}
function label(words) {
  return { LocalizedLabels: [{ Label: words, LanguageCode: 1033 }] };
}
function table(name) {
  return {
    "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
    SchemaName: name,
    DisplayName: label(name),
    DisplayCollectionName: label(name + "s"),
    OwnershipType: "UserOwned",
    HasActivities: false,
    HasNotes: false,
    ChangeTrackingEnabled: true,
    Attributes: [text("dwa_Name", { IsPrimaryName: true })],
  };
}

const work = {
  async definitions() {
    const lamp = await api.createEntity({ data: table("dwa_Lamp") });
    await api.createEntity({ data: table("dwa_Bulb") });
    await api.createAttribute({ entityKey: lamp, data: text("dwa_Colour") });
    const watt = { ...text("dwa_Watt"), "@odata.type": "Microsoft.Dynamics.CRM.IntegerAttributeMetadata" };
    delete watt.MaxLength;
    await api.createAttribute({ entityKey: "LogicalName='dwa_lamp'", data: watt });
    await api.createRelationship({
      data: {
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
        SchemaName: "dwa_lamp_bulb",
        ReferencedEntity: "dwa_lamp",
        ReferencingEntity: "dwa_bulb",
        Lookup: { ...text("dwa_Lamp"), "@odata.type": "Microsoft.Dynamics.CRM.LookupAttributeMetadata", MaxLength: undefined },
      },
    });
    await api.createRelationship({
      data: {
        "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
        SchemaName: "dwa_lamps_bulbs",
        Entity1LogicalName: "dwa_lamp",
        Entity2LogicalName: "dwa_bulb",
        IntersectEntityName: "dwa_lamps_bulbs",
      },
    });
    const read = await api.retrieveEntity({ key: "LogicalName='dwa_lamp'", select: ["EntitySetName", "PrimaryIdAttribute"] });
    const columns = await api.retrieveAttributes({
      entityKey: "LogicalName='dwa_lamp'",
      castType: "Microsoft.Dynamics.CRM.StringAttributeMetadata",
      select: ["LogicalName", "MaxLength"],
    });
    return { lamp, read, columns: columns.value };
  },
  async change_a_definition() {
    const attribute = await api.retrieveAttribute({
      entityKey: "LogicalName='dwa_lamp'",
      attributeKey: "LogicalName='dwa_colour'",
      castType: "Microsoft.Dynamics.CRM.StringAttributeMetadata",
    });
    await api.updateAttribute({
      entityKey: "LogicalName='dwa_lamp'",
      castType: "Microsoft.Dynamics.CRM.StringAttributeMetadata",
      mergeLabels: true,
      data: { ...attribute, MaxLength: 200 },
    });
    return attribute.MaxLength;
  },
  async rows() {
    const id = await api.create({ collection: rows, data: { dwa_name: "Desk", dwa_watt: 5 } });
    const made = await api.create({ collection: rows, data: { dwa_name: "Wall" }, returnRepresentation: true, select: ["dwa_name"] });
    await api.update({ collection: rows, key: id, data: { dwa_colour: "red" } });
    await api.updateSingleProperty({ collection: rows, key: id, fieldValuePair: { dwa_watt: 7 } });
    const read = await api.retrieve({ collection: rows, key: id, select: ["dwa_name", "dwa_watt", "dwa_colour"] });
    const stale = await api.update({ collection: rows, key: id, data: { dwa_watt: 1 }, ifmatch: 'W/"1"' });
    await api.update({ collection: rows, key: id, data: { dwa_watt: 8 }, ifmatch: read["@odata.etag"] });
    await api.deleteRecord({ collection: rows, key: id, fieldName: "dwa_colour" });
    await api.deleteRecord({ collection: rows, key: made.dwa_lampid });
    const gone = await refused(() => api.retrieve({ collection: rows, key: made.dwa_lampid }));
    const absent = await refused(() => api.update({ collection: rows, key: made.dwa_lampid, data: { dwa_name: "x" } }));
    return { id, made, read, stale, gone, absent };
  },
  async upsert() {
    const key = "11111111-1111-4111-8111-111111111111";
    const first = await api.upsert({ collection: rows, key, data: { dwa_name: "Upserted" }, returnRepresentation: true });
    const again = await api.upsert({ collection: rows, key, data: { dwa_watt: 3 }, returnRepresentation: true });
    const twice = await api.upsert({ collection: rows, key, data: { dwa_watt: 9 }, ifnonematch: "*" });
    const missing = await api.upsert({ collection: rows, key: key.replace(/1$/, "2"), data: { dwa_watt: 9 }, ifmatch: "*" });
    return { first, again, twice, missing };
  },
  async batch() {
    api.startBatch();
    api.create({ collection: rows, data: { dwa_name: "Batch lamp" }, contentId: "1" });
    api.create({ collection: "dwa_bulbs", data: { dwa_name: "Batch bulb", "dwa_Lamp@odata.bind": "$1" } });
    const [lamp, bulb] = await api.executeBatch();
    const bound = await api.retrieve({ collection: "dwa_bulbs", key: bulb, select: ["_dwa_lamp_value"] });

    api.startBatch();
    api.create({ collection: rows, data: { dwa_name: "Never kept" } });
    api.create({ collection: rows, data: { dwa_nonsense: 1 } });
    const failed = await api.executeBatch().then(() => null, (exc) => (Array.isArray(exc) ? exc.map(error) : [error(exc)]));

    api.startBatch();
    api.retrieve({ collection: rows, key: lamp, select: ["dwa_name"], inChangeSet: false });
    api.retrieveMultiple({ collection: rows, filter: "dwa_name eq 'Batch lamp'", count: true, inChangeSet: false });
    const reads = await api.executeBatch();
    return { lamp, bulb, bound, failed, reads };
  },
  async pages() {
    for (let number = 0; number < 7; number++) {
      await api.create({ collection: rows, data: { dwa_name: "Page", dwa_watt: number } });
    }
    const request = { collection: rows, filter: "dwa_name eq 'Page'", orderBy: ["dwa_watt"], select: ["dwa_watt"], maxPageSize: 3 };
    const sizes = [];
    let page = await api.retrieveMultiple(request);
    sizes.push(page.value.length);
    while (page["@odata.nextLink"]) {
      page = await api.retrieveMultiple(request, page.oDataNextLink);
      sizes.push(page.value.length);
    }
    const all = await api.retrieveAll(request);
    const counted = await api.count({ collection: rows, filter: "dwa_name eq 'Page'" });
    return { sizes, all: all.value.map((row) => row.dwa_watt), counted };
  },
  async aggregate() {
    const found = await api.retrieveMultiple({
      collection: rows,
      apply: "filter(dwa_name eq 'Page')/groupby((dwa_name),aggregate(dwa_watt with sum as total,$count as lamps))",
    });
    return found.value;
  },
  async delta() {
    const start = await api.retrieveMultiple({ collection: rows, select: ["dwa_name"], trackChanges: true });
    const id = await api.create({ collection: rows, data: { dwa_name: "Changed" } });
    const other = start.value[0].dwa_lampid;
    await api.deleteRecord({ collection: rows, key: other });
    const next = await api.retrieveMultiple({ collection: rows, select: ["dwa_name"], trackChanges: true }, start.oDataDeltaLink);
    return { id, other, changed: next.value, again: Boolean(next.oDataDeltaLink) };
  },
  async fetchxml() {
    const fetchXml = `<fetch><entity name="dwa_lamp"><attribute name="dwa_watt"/><order attribute="dwa_watt" descending="true"/>
      <filter><condition attribute="dwa_name" operator="eq" value="Page"/></filter></entity></fetch>`;
    const some = fetchXml.replace("<fetch>", '<fetch count="3">');
    const first = await api.fetch({ collection: rows, fetchXml: some, includeAnnotations: "*" });
    const cookie = first.PagingInfo?.cookie;
    const second = await api.fetch({ collection: rows, fetchXml: some, includeAnnotations: "*", pageNumber: 2, pagingCookie: cookie });
    const all = await api.fetchAll({ collection: rows, fetchXml: some, includeAnnotations: "*" });
    const watts = (found) => found.value.map((row) => row.dwa_watt);
    return { first: watts(first), second: watts(second), all: watts(all), more: first.PagingInfo?.nextPage };
  },
  async associate() {
    const lamp = await api.create({ collection: rows, data: { dwa_name: "Associated" } });
    const bulb = await api.create({ collection: "dwa_bulbs", data: { dwa_name: "First" } });
    const many = { collection: rows, primaryKey: lamp, relationshipName: "dwa_lamps_bulbs" };
    await api.associate({ ...many, relatedCollection: "dwa_bulbs", relatedKey: bulb });
    const expand = [{ property: "dwa_lamps_bulbs", select: ["dwa_name"] }];
    const linked = await api.retrieve({ collection: rows, key: lamp, select: ["dwa_name"], expand });
    await api.disassociate({ ...many, relatedKey: bulb });
    const cut = await api.retrieve({ collection: rows, key: lamp, select: ["dwa_name"], expand });
    const single = { collection: "dwa_bulbs", primaryKey: bulb, navigationProperty: "dwa_Lamp" };
    await api.associateSingleValued({ ...single, relatedCollection: rows, relatedKey: lamp });
    const bound = await api.retrieve({ collection: "dwa_bulbs", key: bulb, select: ["_dwa_lamp_value"] });
    await api.disassociateSingleValued(single);
    return { lamp, bulb, linked, cut, bound };
  },
  async functions() {
    const lent = await api.create({ collection: rows, data: { dwa_name: "Lent" }, impersonateAAD: process.env.COLLEAGUE });
    return { who: await api.callFunction({ functionName: "WhoAmI" }), lent };
  },
  async csdl() {
    return (await api.retrieveCsdlMetadata()).slice(0, 200);
  },
};

const answers = {};
for (const name of Object.keys(work)) {
  answers[name] = await work[name]().then((value) => ({ value }), (exc) => ({ error: { ...error(exc), stack: exc.stack } }));
}
process.stdout.write(JSON.stringify(answers));
